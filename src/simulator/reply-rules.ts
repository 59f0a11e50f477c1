/**
 * The wording of the simulated switch as reply rules. In practice and nowhere else these words are sure, because the switch
 * that speaks them is ours; no live profile may carry them.
 */
import type { ReplyRule } from '../formats/language.ts';
import { acknowledgementWords, noRecordWords, rejectWords, stateWords } from './replies.ts';

const ours = { provenance: 'verified', source: 'hitline practice switch' } as const;

function rejects(): readonly ReplyRule[] {
  return Object.entries(rejectWords).map(([why, starts]) => ({
    name: `practice-reject-${why}`,
    kind: 'reject',
    starts,
    rest: 'anything',
    ...ours,
  }));
}

function acknowledgements(): readonly ReplyRule[] {
  return Object.entries(acknowledgementWords).map(([action, words]) => ({
    name: `practice-${action}`,
    kind: 'acknowledgement',
    starts: `${words}NIC/`,
    rest: 'fields',
    ...ours,
  }));
}

/** Rules to stand before the common ones in the practice State profile. */
export const practiceReplyRules: readonly ReplyRule[] = [
  { name: 'practice-state', kind: 'banner', starts: stateWords.banner, rest: 'nothing', from: 'STATE', ...ours },
  { name: 'practice-no-state', kind: 'no-record', starts: stateWords.noRecord, rest: 'fields', from: 'STATE', ...ours },
  { name: 'practice-no-want', kind: 'no-record', starts: noRecordWords.person, rest: 'fields', from: 'NCIC', ...ours },
  { name: 'practice-no-record', kind: 'no-record', starts: noRecordWords.property, rest: 'fields', ...ours },
  { name: 'practice-not-on-file', kind: 'no-record', starts: stateWords.notOnFile, rest: 'nothing', ...ours },
  ...acknowledgements(),
  ...rejects(),
];
