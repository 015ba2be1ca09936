import type Docker from 'dockerode';
import { FaultlineError, messageOf, type CleanOptions } from '../../src/index.js';
import { ignoringGone, reasonOf, withDeadline } from './deadline.js';
import { controllerLives, LABEL } from './labels.js';

/** Something on the engine that carries a run's labels. */
export interface Left {
  readonly what: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Things are removed in this order: programs, what they are joined to, volumes, networks. */
  readonly rank: number;
  remove(): Promise<unknown>;
}

/**
 * Removes what runs whose controller is gone left on the engine: containers (paused ones too), networks, volumes. Rules and faked clocks live in those. A run
 * of another host is only touched when it is named. Returns a line for each thing.
 */
export async function cleanEngine(docker: Docker, options: CleanOptions): Promise<readonly string[]> {
  const lines: string[] = [];
  const foreign = new Map<string, string>();
  for (const left of [...(await everythingLabelled(docker))].sort((a, b) => a.rank - b.rank)) {
    const runId = left.labels[LABEL.run] ?? '';
    const controller = left.labels[LABEL.controller] ?? '';
    if (options.runId !== undefined && options.runId !== runId) continue;
    const lives = controllerLives(controller);
    if (lives === true) continue;
    if (lives === undefined && options.runId === undefined) {
      foreign.set(runId, controller.split(' ')[0] ?? '');
      continue;
    }
    if (options.dryRun) lines.push(`would remove ${left.what} of run ${runId}`);
    else await ignoringGone(withDeadline(`removing ${left.what}`, left.remove())).then(
      () => lines.push(`removed ${left.what} of run ${runId}`),
      (error: unknown) => options.onFailure?.(`could not remove ${left.what} of run ${runId}: ${messageOf(error)}`),
    );
  }
  for (const [runId, host] of foreign) lines.push(`left alone: run ${runId} was started on ${host}, and whether it lives cannot be seen from here (faultline clean --run ${runId} removes it)`);
  return lines;
}

/** Removes all that is left of one run, whoever runs it. Throws FaultlineError `left-behind` that names what cannot be removed. */
export async function sweepRun(docker: Docker, runId: string): Promise<void> {
  const all = await everythingLabelled(docker);
  const ours = all.filter(({ labels }) => labels[LABEL.run] === runId).sort((a, b) => a.rank - b.rank);
  const failures: string[] = [];
  for (const left of ours) await ignoringGone(withDeadline(`removing ${left.what}`, left.remove())).catch((error: unknown) => failures.push(`${left.what}: ${reasonOf(error)}`));
  if (failures.length > 0) throw new FaultlineError('left-behind', `not everything on the engine could be removed: ${failures.join('; ')}`);
}

/** Everything on the engine that carries a run's label. */
export async function everythingLabelled(docker: Docker): Promise<readonly Left[]> {
  const filters = { label: [LABEL.run] };
  const [containers, networks, volumes] = await withDeadline('listing what runs left', Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters: JSON.stringify(filters) as unknown as Record<string, string[]> }),
  ]));
  return [
    ...containers.map((info): Left => ({
      what: `container ${(info.Names[0] ?? info.Id).replace(/^\//, '')} (${info.State})`,
      labels: info.Labels,
      rank: info.Labels[LABEL.role] === 'holder' ? 1 : 0,
      remove: () => docker.getContainer(info.Id).remove({ force: true }),
    })),
    ...volumes.Volumes.map((info): Left => ({ what: `volume ${info.Name}`, labels: info.Labels ?? {}, rank: 2, remove: () => docker.getVolume(info.Name).remove({ force: true }) })),
    ...networks.map((info): Left => ({ what: `network ${info.Name}`, labels: info.Labels ?? {}, rank: 3, remove: () => docker.getNetwork(info.Id).remove() })),
  ];
}
