import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The agent as it is put into containers. */
export const AGENT_BUNDLE = fileURLToPath(new URL('../../../../dist/bundle/docker-agent.js', import.meta.url));
/** As in the image: no shims of other Pythons. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin';

/** What is missing for tests in network namespaces, in one line; undefined: nothing. */
export function namespaceObstacle(): string | undefined {
  const works = (file: string, ...args: readonly string[]): boolean => spawnSync(file, args, { env: { PATH: SYSTEM_PATH } }).status === 0;
  const missing = [
    ...(process.getuid?.() === 0 ? [] : ['root']),
    ...(works('ip', 'netns', 'list') ? [] : ['ip netns']),
    ...(works('nft', '--version') ? [] : ['nft']),
    ...(works('iptables', '--version') ? [] : ['iptables']),
    ...(works('python3', '-c', '') ? [] : ['python3']),
    ...(existsSync(AGENT_BUNDLE) ? [] : ['dist/bundle/docker-agent.js (npm run build)']),
  ];
  return missing.length === 0 ? undefined : `missing: ${missing.join(', ')}`;
}

/** Why namespaces of this kernel have no IPv6, in one line; undefined: they have. */
export function ipv6Obstacle(): string | undefined {
  if (!existsSync('/proc/net/if_inet6')) return 'missing: IPv6 in this kernel';
  return spawnSync('ip6tables', ['--version'], { env: { PATH: SYSTEM_PATH } }).status === 0 ? undefined : 'missing: ip6tables';
}

/** The title of a group of tests that need namespaces: says why they are skipped. */
export function titled(title: string, obstacle: string | undefined): string {
  return obstacle === undefined ? title : `${title} (skipped, ${obstacle})`;
}
