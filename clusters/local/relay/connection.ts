import { connect, type Socket } from 'node:net';
import type { Endpoint } from '../../../src/index.js';
import type { Carrier, Link } from './link.js';
import { Pipe } from './pipe.js';

/**
 * A connection that node i dialled to node j, relayed: bytes i -> j are governed by the link (i, j), bytes j -> i by (j, i).
 * It is accepted at once, as a kernel's backlog would, but j sees nothing of it while (i, j) is cut; what becomes of the
 * dialling (a refusal) comes back over (j, i). What one side does with its socket the other side learns only over the link.
 */
export class Connection implements Carrier {
  /** Its pipes are carriers of their own and count what waits. */
  readonly waitingBytes = 0;
  readonly #dialler: Socket;
  readonly #forth: Link;
  readonly #forward: Pipe;
  readonly #backLink: Link;
  readonly #target: Endpoint;
  readonly #onClose: () => void;
  #backward: Pipe | undefined;
  #acceptor: Socket | undefined;
  #closed = false;

  constructor(dialler: Socket, links: { readonly forth: Link; readonly back: Link }, target: Endpoint, onClose: () => void) {
    this.#dialler = dialler;
    this.#forth = links.forth;
    this.#backLink = links.back;
    this.#target = target;
    this.#onClose = onClose;
    dialler.setNoDelay(true);
    this.#forward = new Pipe(links.forth, dialler, () => this.destroy());
    this.#watch(dialler, this.#forward);
    links.forth.join(this);
    this.#dialWhenOpen();
  }

  linkChanged(): void {
    if (this.#forth.state.drop === 'reset') {
      this.#forth.countReset();
      this.destroy();
    } else {
      this.#dialWhenOpen();
    }
  }

  /** Breaks both sides at once (RST), whatever waits. Idempotent. */
  destroy(): void {
    if (this.#closed) return;
    this.#close();
    this.#dialler.resetAndDestroy();
    this.#acceptor?.resetAndDestroy();
  }

  #dialWhenOpen(): void {
    if (this.#acceptor !== undefined || this.#closed || this.#forth.cut) return;
    const acceptor = connect({ host: this.#target.host, port: this.#target.port, allowHalfOpen: true, noDelay: true });
    this.#acceptor = acceptor;
    this.#backward = new Pipe(this.#backLink, acceptor, () => this.destroy());
    this.#backward.connect(this.#dialler);
    this.#watch(acceptor, this.#backward);
    acceptor.on('connect', () => this.#forward.connect(acceptor));
  }

  /**
   * A socket that ends in an error says so to the other side, through the pipe that reads from it. A dialler that gives up
   * before the other side has seen anything leaves no trace.
   */
  #watch(socket: Socket, pipe: Pipe): void {
    let broken = false;
    socket.on('error', () => {
      broken = true;
    });
    socket.on('close', () => {
      if (broken && this.#acceptor === undefined) this.destroy();
      else if (broken) pipe.breakOff();
      else if (this.#dialler.destroyed && this.#acceptor?.destroyed === true) this.#close();
    });
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#forth.leave(this);
    this.#forward.close();
    this.#backward?.close();
    this.#onClose();
  }
}
