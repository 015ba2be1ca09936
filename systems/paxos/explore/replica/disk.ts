import { compareBallots, NO_BALLOT, type Ballot, type WalRecord } from '../../core/index.js';

type Accepted = Extract<WalRecord, { type: 'accepted' }>;

/**
 * Records that a start reads as it would these, as few as possible and in one order: the highest promise, the acceptance of the highest ballot if its slot was written again, the last
 * acceptance of every slot, and how far the log is chosen.
 */
export function compact(records: readonly WalRecord[]): readonly WalRecord[] {
  const accepted = records.filter((record): record is Accepted => record.type === 'accepted');
  const promised = records.filter((record) => record.type === 'promised').map(({ ballot }) => ballot).reduce(higher, NO_BALLOT);
  const upTo = records.reduce((high, record) => (record.type === 'chosen' ? Math.max(high, record.upTo) : high), 0);
  const last = [...new Map(accepted.map((record) => [record.slot, record])).values()].sort((a, b) => a.slot - b.slot);
  const top = accepted.reduce<Accepted | undefined>((high, record) => (high === undefined || compareBallots(record.ballot, high.ballot) > 0 ? record : high), undefined);
  const isHidden = top !== undefined && !last.some(({ ballot }) => compareBallots(ballot, top.ballot) === 0);
  return [
    ...(promised.round > 0 ? [{ type: 'promised', ballot: promised } as const] : []),
    ...(isHidden ? [top] : []),
    ...last,
    ...(upTo > 0 ? [{ type: 'chosen', upTo } as const] : []),
  ];
}

/** The highest ballot that the records promise or accept in. */
export function highestBallot(records: readonly WalRecord[]): Ballot {
  return records.flatMap((record) => ('ballot' in record ? [record.ballot] : [])).reduce(higher, NO_BALLOT);
}

function higher(a: Ballot, b: Ballot): Ballot {
  return compareBallots(b, a) > 0 ? b : a;
}
