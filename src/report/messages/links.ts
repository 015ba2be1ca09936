/** Which links a fault cuts, in few words: the groups that a partition leaves (`n1 | n2 n3`), or who does not hear whom. Empty: it cuts none. */
export function linksText(grudge: Readonly<Record<string, readonly string[]>> | undefined, nodes: readonly string[]): string {
  if (grudge === undefined) return '';
  const cut = (from: string, to: string): boolean => grudge[to]?.includes(from) === true;
  const deaf = nodes.filter((to) => nodes.some((from) => cut(from, to)));
  if (deaf.length === 0) return '';
  const groups: string[][] = [];
  for (const node of nodes) {
    const group = groups.find(([first]) => first !== undefined && !cut(first, node) && !cut(node, first));
    if (group === undefined) groups.push([node]);
    else group.push(node);
  }
  const groupOf = (node: string): number => groups.findIndex((group) => group.includes(node));
  const isPartition = nodes.every((a) => nodes.every((b) => a === b || cut(a, b) === (groupOf(a) !== groupOf(b))));
  if (isPartition) return groups.map((group) => group.join(' ')).join(' | ');
  return deaf.map((to) => `${to} does not hear ${nodes.filter((from) => cut(from, to)).join(' ')}`).join('; ');
}
