/**
 * # Generators
 *
 * A generator says what is to be done next: which operation, on which thread, when. It is a value. Asking it
 * (`next(context)`) changes nothing and gives the same answer for the same context; the answer carries the generator from
 * then on. Because nothing is hidden, a plan can be shown before it runs, simulated in a test, and repeated from a seed.
 *
 * The smallest is one operation, written as it is. It is done once:
 *
 *     { f: 'read' }                                      read
 *     concat({ f: 'read' }, { f: 'write', value: 1 })    read, write 1
 *     repeat({ f: 'read' }, 3)                           read, read, read
 *     limit(100, repeat({ f: 'read' }))                  a hundred reads
 *
 * A function makes operations until it gives undefined. It must be pure, so chance comes from the context: `draw(k)` is a
 * number in [0, 1) that the seed, the place in the tree of generators and k decide, and every call has a place of its own:
 *
 *     const write = (context) => ({ f: 'write', value: Math.floor(context.draw(0) * 5) });
 *     mix([repeat({ f: 'read' }), write], [2, 1])        reads and writes, two to one, in random order
 *
 * Time enters by combinators that wait. Times are milliseconds, counted from when a generator is first asked:
 *
 *     stagger(10, ops)                                   a hundred a second on average, at random moments
 *     timeLimit(30_000, stagger(10, ops))                ... for half a minute
 *     concat({ f: 'start' }, sleep(5000), { f: 'stop' }) five seconds between
 *
 * Operations are done by threads: clients 0, 1, 2 ... and a thread for each nemesis. A thread does one operation at a time.
 * Nobody needs to say which: any free thread will do, drawn at random. To say it, route:
 *
 *     any(clients(ops), onNemesis('partition', faults))  side by side, each on its own threads
 *     reserve([[2, writes], [1, cas]], reads)            two threads write, one does cas, all others read
 *     eachThread({ f: 'read' })                          every thread reads once
 *     concurrentKeys(3, keys, (key) => limit(50, ops))   groups of three threads, fifty operations a key
 *
 * "After" has two meanings. `concat(a, b)` begins b when a has nothing more to give, while a's last operations may still be
 * open; `phases(a, b)` waits until they have completed:
 *
 *     phases(load, clients(eachThread({ f: 'read' })))   final reads, when all is quiet
 *
 * A generator can listen. The interpreter tells it every invocation and completion of the threads it is responsible for:
 *
 *     untilOk(repeat({ f: 'read' }))                     reads until one succeeds
 *     withState(0, (n, event) => ..., (n) => ...)        operations made from a state that events change
 *
 * To write a combinator: keep its state in readonly fields and return a new one as `rest`. Ask children by `ask`, which hides
 * operations that are not due, and keep the `rest` of a pending child, for it may remember since when it waits. Pass events on
 * by `tell`. If it draws or has several children, give child i `context.at(i)` and count its own draws: then what one part
 * draws never depends on what another part does, and the faults of a seed are the same whatever the clients do.
 *
 * The idea of generators as pure values with `op` and `update` is Jepsen's (jepsen.generator); Hughes's and Claessen's
 * QuickCheck generators are the ancestors of both.
 */
export type { Generator, GeneratorContext, Next, OpDraft, ThreadId, ThreadPredicate } from './types.js';
export { fromFunction, lift, op, type OpFunction, type OpSpec, type Source } from './source.js';
export { ask, assign, pending, soonest, tell, tellAll, type AssignedDraft, type Branch, type Soonest } from './ask.js';
export { concat, fromArray, fromIterable } from './concat.js';
export { cycle, repeat } from './cycle.js';
export { limit, processLimit } from './limit.js';
export { timeLimit } from './time-limit.js';
export { delay, stagger } from './pace.js';
export { sleep } from './sleep.js';
export { mix } from './mix.js';
export { any } from './any.js';
export { flipFlop } from './flip-flop.js';
export { filter } from './filter.js';
export { map } from './map.js';
export { clients, isClientThread, isNemesisThread, nemeses, nemesisThread, onNemesis, onProcesses, onThreads } from './route.js';
export { reserve } from './reserve.js';
export { eachProcess, eachThread } from './each.js';
export { andThen, phases, synchronize } from './synchronize.js';
export { untilOk } from './until-ok.js';
export { onUpdate, withState } from './state.js';
export { concurrentKeys, sequentialKeys } from './keys.js';
export { trace, type TraceEntry } from './trace.js';
export { validate } from './validate.js';
export { Schedule, type Decision, type ScheduleOptions } from './schedule.js';
export { simulate, type SimulatedCall, type SimulatedOutcome, type Simulation, type SimulationOptions } from './simulate.js';
