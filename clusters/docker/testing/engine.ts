import { messageOf } from '../../../src/index.js';
import { connectEngine } from '../engine/connect.js';

/** Why tests cannot use a Docker engine, in one line; undefined: they can. */
export async function engineObstacle(): Promise<string | undefined> {
  try {
    await connectEngine(process.env);
    return undefined;
  } catch (error) {
    return messageOf(error).split('\n')[0] ?? 'no engine';
  }
}
