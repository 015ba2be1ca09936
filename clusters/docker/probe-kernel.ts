import type Docker from 'dockerode';
import { FaultlineError, type Support } from '../../src/index.js';
import { labelsOf } from './labels.js';
import { packetSupport, remedyOf, type LinkMeans } from './means.js';
import { runOnce } from './program/exec.js';

const PROBE_MS = 20_000;

/** What the engine's kernel, and the tools in the node image on it, can do. */
export interface KernelProbe extends LinkMeans {
  readonly faketime: Support;
  readonly strace: Support;
}

/** Each line tries one thing in a network namespace of its own and prints its name and 0 if it works, otherwise 1 and the line that says why. */
const SCRIPT = `
why() { echo "$1" | grep -i -m 1 -E 'error|not permitted|denied' || echo "$1" | tail -n 1; }
try() { name=$1; shift; if output=$("$@" 2>&1); then echo "$name 0 $output"; else echo "$name 1 $(why "$output")"; fi; }
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
try packets node /opt/faultline/docker-agent.js --try
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
  return probeOf((name) => {
    const [code = '', ...words] = (answers.get(name) ?? '').split(' ');
    return { ok: code === '0', said: words.join(' ') || 'it fails' };
  });
}

/** `answer`: whether something works, and what it said. */
export function probeOf(answer: (name: string) => { readonly ok: boolean; readonly said: string }): KernelProbe {
  const support = (by: string, name: string, remedy: string, right?: string): Support => {
    const { ok, said } = answer(name);
    return ok ? { ok, by } : { ok, why: `${name}: ${said}`, remedy: remedyOf(said, remedy, right) };
  };
  const packets = answer('packets');
  return {
    nft: support('nftables', 'nft', 'The engine\'s kernel needs nf_tables.'),
    packets: packetSupport(!packets.ok ? { why: packets.said } : { by: packets.said === 'netem' ? 'netem' : 'nfqueue' }),
    duplicate: support('nftables dup', 'duplicate', 'The engine\'s kernel needs nft_dup_ipv4.'),
    faketime: support('libfaketime', 'faketime', 'faultline image build --force makes the image anew.'),
    strace: support('strace', 'strace', 'The engine\'s kernel must permit ptrace within containers.', 'SYS_PTRACE'),
  };
}
