import { Command } from 'commander';
import { connectEngine } from '../../clusters/docker/engine/connect.js';
import { ensureImage, listImages, removeImages, type ImageMode, type OwnImage } from '../../clusters/docker/image/index.js';
import { parseFlags } from '../config/load.js';
import { flag, usageError, type OptionSpec } from '../config/option-spec.js';
import { EXIT } from '../errors.js';
import type { CliContext } from './context.js';
import { commandWith } from './options.js';
import { columns } from './text.js';

const BUILD_OPTIONS = {
  offline: { flag: '--offline', help: 'make a Debian on this machine (needs mmdebstrap and root) and ask no registry', parse: flag } satisfies OptionSpec<boolean>,
  online: { flag: '--online', help: 'start from the official image of node, and fail if no registry answers', parse: flag } satisfies OptionSpec<boolean>,
  force: { flag: '--force', help: 'build anew even if the image is there', parse: flag } satisfies OptionSpec<boolean>,
} as const;

type Done = (code: number) => void;

/** `faultline image build | list | remove`: the image that Docker nodes run in. */
export function imageCommand(context: CliContext, done: Done): Command {
  const command = new Command('image').description('builds, lists and removes the image of Docker nodes');
  for (const sub of [buildCommand(context, done), listCommand(context, done), removeCommand(context, done)]) {
    command.addCommand(sub.exitOverride().configureOutput({ writeOut: (text) => context.out(text), writeErr: (text) => context.err(text) }).showSuggestionAfterError());
  }
  return command;
}

function buildCommand(context: CliContext, done: Done): Command {
  return commandWith('build', 'builds the image unless it is there: from a registry if one answers, or else from Debian packages', BUILD_OPTIONS).action(async (flags: Record<string, unknown>) => {
    const options = parseFlags(BUILD_OPTIONS, flags);
    if (options.offline === true && options.online === true) throw usageError('--offline and --online exclude each other');
    const mode: ImageMode = options.offline === true ? 'offline' : options.online === true ? 'online' : 'auto';
    const engine = await connectEngine(context.environment);
    const image = await ensureImage({ engine, mode, force: options.force === true, signal: context.signal, log: (line) => context.err(`${line}\n`) });
    context.out(`${image.tag} ${image.built ? 'was built' : 'is there'} (${image.id.slice(0, 19)})\n`);
    done(EXIT.valid);
  });
}

function listCommand(context: CliContext, done: Done): Command {
  return commandWith('list', "lists faultline's images on the engine", {}).action(async () => {
    const { docker } = await connectEngine(context.environment);
    const images = await listImages(docker);
    if (images.length === 0) context.out('There are no images of faultline. `faultline image build` makes one.\n');
    else for (const line of columns([['KIND', 'IMAGE', 'SIZE', 'MADE', 'USED BY'], ...images.map(rowOf)])) context.out(`${line}\n`);
    done(EXIT.valid);
  });
}

function removeCommand(context: CliContext, done: Done): Command {
  return commandWith('remove', "removes faultline's images that no container uses", {}).action(async () => {
    const { docker } = await connectEngine(context.environment);
    const lines = await removeImages(docker);
    for (const line of lines) context.out(`${line}\n`);
    if (lines.length === 0) context.out('There are no images of faultline.\n');
    done(EXIT.valid);
  });
}

function rowOf(image: OwnImage): readonly string[] {
  const made = new Date(image.createdMs).toISOString().slice(0, 16).replace('T', ' ');
  return [image.kind, image.tags.join(' ') || image.id.slice(0, 19), `${Math.round(image.bytes / 1e6)} MB`, made, image.usedBy.join(', ') || '-'];
}
