import { createHash } from 'node:crypto';

/** What helpers need on a node: packet rules, queues, processes, the faked clock, system calls that fail, the packet queue's program, what the node binary links to. */
export const PACKAGES: readonly string[] = ['iproute2', 'iptables', 'libfaketime', 'libstdc++6', 'nftables', 'procps', 'python3-minimal', 'strace'];

/** The Debian release of both ways. */
export const SUITE = 'bookworm';

/** What the online way starts from. */
export const ONLINE_FROM = 'node:22-bookworm-slim';

/** Every image that faultline makes carries this label: `base` or `node`. */
export const IMAGE_LABEL = 'faultline.image';

export const BASE_REPOSITORY = 'faultline/base';
export const NODE_REPOSITORY = 'faultline/node';

/** How a base image comes to be. The tag is a hash of everything that makes it. */
export interface BaseRecipe {
  readonly way: 'online' | 'offline';
  readonly tag: string;
  /** The Dockerfile (online) or the arguments of mmdebstrap (offline). */
  readonly text: string;
}

/** Debian's packages on top of the official image of node. */
export function onlineBase(architecture: string): BaseRecipe {
  const text = [
    `FROM ${ONLINE_FROM}`,
    `RUN apt-get update \\`,
    ` && apt-get install -y --no-install-recommends ${PACKAGES.join(' ')} \\`,
    ' && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin',
    `LABEL ${IMAGE_LABEL}=base`,
    '',
  ].join('\n');
  return { way: 'online', tag: `${BASE_REPOSITORY}:${shortHash(['online', architecture, text])}`, text };
}

/** A Debian of our own making with this machine's node binary, which `nodeHash` is the hash of. */
export function offlineBase(architecture: string, nodeHash: string): BaseRecipe {
  const text = debianArguments().join('\n');
  return { way: 'offline', tag: `${BASE_REPOSITORY}:${shortHash(['offline', architecture, text, nodeHash])}`, text };
}

/** The arguments of mmdebstrap, without the hooks and the file to write. Manuals and translations are left out, copyrights are kept. */
export function debianArguments(): readonly string[] {
  return [
    '--variant=minbase',
    `--include=${PACKAGES.join(',')}`,
    '--aptopt=Acquire::Languages "none"',
    '--dpkgopt=path-exclude=/usr/share/man/*',
    '--dpkgopt=path-exclude=/usr/share/locale/*',
    '--dpkgopt=path-exclude=/usr/share/doc/*',
    '--dpkgopt=path-include=/usr/share/doc/*/copyright',
  ];
}

/** The node image: the base, tried out, and what we compiled. A tool that does not start fails the build, not the run. */
export function nodeDockerfile(baseTag: string): string {
  return [
    `FROM ${baseTag}`,
    'RUN node --version && nft --version && iptables --version && ip -Version && ps --version && python3 --version && strace --version && ls /usr/lib/*/faketime/libfaketime.so.1',
    'COPY faultline/ /opt/faultline/',
    `LABEL ${IMAGE_LABEL}=node`,
    'CMD ["node"]',
    '',
  ].join('\n');
}

/** The tag of the node image of a base and of files with this hash. */
export function nodeTag(base: BaseRecipe, filesHash: string): string {
  return `${NODE_REPOSITORY}:${shortHash([nodeDockerfile(base.tag), filesHash])}`;
}

/** The first 16 hex digits of a SHA-256 of texts; ['ab', 'c'] and ['a', 'bc'] differ. */
export function shortHash(texts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 16);
}
