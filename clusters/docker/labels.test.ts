import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { controllerLives, controllerName, labelsOf } from './labels.js';

describe('the name of a controller', () => {
  it('says that this process lives', () => {
    expect(controllerLives(controllerName())).toBe(true);
  });

  it('says that a process is gone, and that another with its id is another', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    const [host, boot, , start, ids] = controllerName().split(' ');
    expect(controllerLives([host, boot, child.pid, start, ids].join(' '))).toBe(false);
    child.stdin?.end();
    await once(child, 'exit');
    expect(controllerLives([host, boot, child.pid, start, ids].join(' '))).toBe(false);
  });

  it('says that nothing of an earlier boot lives, and of another host that nobody can tell', () => {
    const [host, boot, pid, start] = controllerName().split(' ');
    expect(controllerLives([host, 'another-boot', pid, start].join(' '))).toBe(false);
    expect(controllerLives([host, boot, pid, start, 'pid:[1]'].join(' '))).toBeUndefined();
    expect(controllerLives(['elsewhere', 'x', '1', '2'].join(' '))).toBeUndefined();
  });

  it('is on everything', () => {
    expect(labelsOf('r1', 'program', 'n2')).toEqual({ 'faultline.run': 'r1', 'faultline.role': 'program', 'faultline.node': 'n2', 'faultline.controller': controllerName() });
  });
});
