import type Docker from 'dockerode';
import { FaultlineError, type Support } from '../../src/index.js';
import { labelsOf } from './labels.js';
import { runOnce } from './program/exec.js';

const PROBE_MS = 20_000;

/** What the engine's kernel, and the tools in the node image on it, can do. */
export interface KernelProbe {
  readonly nft: Support;
  /** Delay, jitter, loss, reordering and bandwidth. */
  readonly packets: Support;
  readonly duplicate: Support;
  readonly faketime: Support;
  readonly strace: Support;
}

/** Each line tries one thing in a network namespace of its own and prints its name and 0 if it works. */
const SCRIPT = `
try() { name=$1; shift; if output=$("$@" 2>&1); then echo "$name 0"; else echo "$name 1 $(echo "$output" | tail -n 1)"; fi; }
mac=02:00:00:00:00:01
try nft nft -f - <<END
table inet faultline_probe {
  counter c { }
  chain in { type filter hook input priority -300; policy accept; ether saddr $mac tcp dport 1 counter name c reject with tcp reset
    ether saddr $mac counter name c drop
  }
}
END
try duplicate nft -f - <<END
table ip faultline_probe {
  chain out { type filter hook output priority -300; policy accept; ip daddr 127.0.0.1 numgen random mod 1000 < 1 dup to 127.0.0.1
  }
}
END
try nfqueue iptables -A INPUT -m mac --mac-source $mac -j NFQUEUE --queue-num 9 --queue-bypass
try netlink python3 -c 'import socket; socket.socket(16, socket.SOCK_RAW, 12).close()'
try netem tc qdisc add dev lo root netem delay 1ms
try strace strace -f -o /dev/null -e trace=fsync -e inject=fsync:delay_enter=1ms true
lib=$(ls /usr/lib/*/faketime/libfaketimeMT.so.1 2>/dev/null)
try faketime sh -c "test $(( $(LD_PRELOAD=$lib FAKETIME=+2d date +%s) - $(date +%s) )) -gt 86400"
`;

/** Tries it all in a container that is gone afterwards: half a second. Throws FaultlineError `image-start` if no container of the image starts. */
export async function probeKernel(docker: Docker, image: string, signal: AbortSignal): Promise<KernelProbe> {
  signal.throwIfAborted();
  const options = { Image: image, Labels: labelsOf(`probe-${process.pid}`, 'exec'), HostConfig: { NetworkMode: 'none', CapDrop: ['ALL'], CapAdd: ['NET_ADMIN', 'SYS_PTRACE'], RestartPolicy: { Name: 'no' } } };
  const { exitCode, stdout, stderr } = await runOnce(docker, options, { argv: ['sh', '-c', SCRIPT], timeoutMs: PROBE_MS }).catch((cause: unknown) => {
    throw new FaultlineError('image-start', `no container of the node image ${image} starts: ${(cause as Error).message}`, { cause, hint: 'faultline image remove and faultline image build make it anew.' });
  });
  const answers = new Map(stdout.split('\n').map((line) => [line.split(' ')[0] ?? '', line.split(' ').slice(1).join(' ')]));
  if (!answers.has('faketime')) throw new FaultlineError('image-start', `the node image ${image} does not work (exit code ${exitCode}): ${stderr.trim() || stdout.trim()}`, { hint: 'faultline image remove and faultline image build make it anew.' });
  return probeOf((name) => (answers.get(name) === '0' ? undefined : (answers.get(name) ?? '').replace(/^1 ?/, '') || 'it fails'));
}

/** `failure`: why something does not work, or undefined if it does. */
export function probeOf(failure: (name: string) => string | undefined): KernelProbe {
  const support = (by: string, name: string, remedy: string): Support => {
    const why = failure(name);
    return why === undefined ? { ok: true, by } : { ok: false, why: `${name}: ${why}`, remedy };
  };
  const queue = failure('nfqueue') ?? failure('netlink');
  return {
    nft: support('nftables', 'nft', 'The engine\'s kernel needs nf_tables.'),
    // Queues first: they act at the receiver, keep the order under jitter, and count; see agent/queues.ts.
    packets:
      queue === undefined ? { ok: true, by: 'nfqueue' }
      : failure('netem') === undefined ? { ok: true, by: 'netem' }
      : { ok: false, why: `netem: ${failure('netem') ?? ''}; nfqueue: ${queue}`, remedy: 'The engine\'s kernel needs sch_netem (Debian: linux-image-extra or modules-extra) or nfnetlink_queue.' },
    duplicate: support('nftables dup', 'duplicate', 'The engine\'s kernel needs nft_dup_ipv4.'),
    faketime: support('libfaketime', 'faketime', 'faultline image build --force makes the image anew.'),
    strace: support('strace', 'strace', 'The engine\'s kernel must permit ptrace within containers.'),
  };
}
