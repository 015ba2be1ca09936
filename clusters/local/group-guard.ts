import { signalGroup } from './process-table.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The process groups of this controller that are alive: none outlives it. However the controller ends, short of SIGKILL
 * (see clean.ts), its groups are killed: on `exit` (which process.exit and an uncaught exception also raise) and on a
 * signal that nobody else handles, since the default action of those raises no `exit`.
 */
class GroupGuard {
  readonly #groups = new Set<number>();

  add(pgid: number): void {
    if (this.#groups.size === 0) this.#install();
    this.#groups.add(pgid);
  }

  remove(pgid: number): void {
    if (this.#groups.delete(pgid) && this.#groups.size === 0) this.#uninstall();
  }

  readonly #killAll = (): void => {
    for (const pgid of this.#groups) signalGroup(pgid, 'SIGKILL');
  };

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    // Somebody else handles it and will end the run in order.
    if (process.listenerCount(signal) > 1) return;
    this.#killAll();
    this.#uninstall();
    process.kill(process.pid, signal);
  };

  #install(): void {
    process.on('exit', this.#killAll);
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  #uninstall(): void {
    process.off('exit', this.#killAll);
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}

/** The one guard of this process. */
export const groupGuard = new GroupGuard();
