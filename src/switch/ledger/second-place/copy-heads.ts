/** What the second place says of a copy, which was made earlier and perhaps of rows that a restore has taken away since. */
import type { Kysely } from 'kysely';
import type { HeadSeal, WrittenHead } from '../heads.ts';
import type { LedgerTables } from '../schema.ts';
import { restoredMark } from './restored.ts';
import { type SecondPlace, type SecondPlaceText, said } from './said.ts';

/**
 * Gives only the heads that the copy can know: of the ledger as it was after the last restore, or else before it, and so back to
 * where the copy belongs. One that belongs nowhere is held against the last.
 */
export async function headsOfCopy(
  copy: Kysely<LedgerTables>,
  text: SecondPlaceText,
  seal: HeadSeal,
): Promise<SecondPlace> {
  const rows = await copy.selectFrom('head').select(['writer', 'seq']).execute();
  const ends = new Map(rows.map((head) => [head.writer, head.seq]));
  const upTo = (heads: readonly WrittenHead[]): readonly WrittenHead[] =>
    heads.filter((head) => head.seq <= (ends.get(head.writer) ?? 0));
  const last = said(text, seal);
  for (const heads of [last.heads, ...headsBefore(text, seal)].map(upTo)) {
    if (await hasLast(copy, heads)) return { ...last, heads };
  }
  return { ...last, heads: upTo(last.heads) };
}

/** The heads that stood before each restore, from the last one back. */
function headsBefore({ lines }: SecondPlaceText, seal: HeadSeal): readonly (readonly WrittenHead[])[] {
  const ends: number[] = [];
  for (
    let at = lines.lastIndexOf(restoredMark);
    at >= 0;
    at = at === 0 ? -1 : lines.lastIndexOf(restoredMark, at - 1)
  ) {
    ends.push(at);
  }
  return ends.map((end) => said({ lines: lines.slice(0, end), newest: [] }, seal).heads);
}

/** Whether the copy has the last of these heads of each chain: then it has all that led there. */
async function hasLast(copy: Kysely<LedgerTables>, heads: readonly WrittenHead[]): Promise<boolean> {
  const lastOf = new Map<string, WrittenHead>();
  for (const head of heads) if (head.seq >= (lastOf.get(head.writer)?.seq ?? 1)) lastOf.set(head.writer, head);
  for (const { writer, seq, hash } of lastOf.values()) {
    const event = copy.selectFrom('event').select('hash').where('writer', '=', writer).where('seq', '=', seq);
    if ((await event.executeTakeFirst())?.hash !== hash) return false;
  }
  return true;
}
