/** What a cluster can do to its nodes and links, or a system lets be done to its nodes; nemeses state what they need. Each with what it means for a person. */
export const CAPABILITIES = {
  links: 'cut directed links between nodes',
  'link-delay': 'delay messages, with jitter',
  'link-bandwidth': 'narrow links',
  'link-loss': 'lose packets',
  'link-duplicate': 'duplicate packets',
  'link-reorder': 'reorder packets',
  kill: 'kill a program (SIGKILL) and start it again',
  terminate: 'end a program in order (SIGTERM)',
  pause: 'pause a program and let it go on',
  'out-of-memory': 'let a program run out of memory',
  clock: 'set the wall clock that a program sees',
  'disk-damage': 'damage the files of a stopped node',
  'full-disk': 'fill the disk',
  'slow-disk': 'slow down or fail fsync',
  membership: 'take nodes out of the cluster, and new ones in',
  transfer: 'hand leadership over to another node',
  'power-loss': 'take back what was not made durable',
} as const;

export type Capability = keyof typeof CAPABILITIES;
