/** One message as it is read: what to do, what it does, what changed, the exact text, who did what. */
import type { FrameView, MessageView } from '../../console/contract.ts';
import { type Line, line, pictures } from '../frame.ts';
import type { Model } from '../model.ts';
import { nextActOf, stateOf, toneOf, verdictOf } from '../words.ts';
import { exactBlock, labelled, timeline } from './parts.ts';

/** The title of a message. */
export function messageTitle(view: MessageView): string {
  const way = view.direction === 'out' ? 'to' : 'from';
  const urgent = view.priority === 'U' ? ' – URGENT' : '';
  return pictures(`${view.key} ${way} ${view.peerOri}${urgent} – ${stateOf(view)}`);
}

function facts(view: MessageView, width: number): Line[] {
  const verdict = verdictOf(view.verdict);
  const people = [
    view.requester === undefined ? '' : `asked by ${view.requester}`,
    view.operator === undefined ? '' : `accepted by ${view.operator}`,
    view.approver === undefined ? '' : `released by ${view.approver}`,
  ].filter((one) => one !== '');
  const next = nextActOf(view);
  const companions = view.companions ?? [];
  return [
    ...(next === '' ? [] : labelled('NEXT', next, { width, tone: 'strong' })),
    ...(verdict === '' ? [] : labelled('SAYS', verdict, { width, tone: toneOf(verdict) })),
    ...labelled('STATE', stateOf(view), { width, tone: toneOf(view.status) }),
    ...(view.effect === '' ? [] : labelled('DOES', view.effect, { width })),
    ...companions.flatMap(({ id }) =>
      labelled('WITH IT', `${id} goes with it and is released in the same act. Its text stands below.`, {
        width,
        tone: 'warn',
      }),
    ),
    ...(people.length === 0 ? [] : labelled('PEOPLE', people.join(', '), { width })),
    ...(view.reference === undefined ? [] : labelled('REFERENCE', view.reference, { width })),
    ...(view.reason === undefined ? [] : labelled('REASON', view.reason, { width, tone: 'warn' })),
    ...(view.caseId === undefined ? [] : labelled('CASE', 'c opens the case it belongs to.', { width })),
    ...(view.answerIds.length === 0
      ? []
      : labelled('ANSWERS', `${view.answerIds.length} so far; F2 lists them.`, { width })),
  ];
}

/** The criminal-history log's rows about a request: its four parties and purpose, and whom it was passed on to. */
function historyLines(view: MessageView, width: number): Line[] {
  return (view.iii ?? []).flatMap((row) =>
    row.kind === 'asked'
      ? labelled(
          'HISTORY',
          `purpose ${row.purposeCode}, for ${row.receivingAgency}; asked by ${row.operator} on behalf of ${row.requestor}`,
          { width },
        )
      : labelled('GIVEN TO', `${row.secondaryRecipient}, by ${row.how}, entered by ${row.operator}`, { width }),
  );
}

/** How it came or left: each frame with both ends, and what the network stamped on it. */
function lineLines(view: MessageView, width: number): Line[] {
  const { stamps, frames = [] } = view;
  const hidden = 'By order of a court: to everybody but the custodian this is not there.';
  return [
    ...(view.sealed === true ? labelled('SEALED', hidden, { width, tone: 'warn' }) : []),
    ...(stamps === undefined
      ? []
      : labelled('STAMPS', [stamps.received, stamps.sent].map(stampText).join(', '), { width })),
    ...frames.flatMap((one) => labelled('FRAME', frameText(one), { width, tone: 'quiet' })),
  ];
}

function stampText({
  date,
  time,
  seq,
}: {
  readonly date: string;
  readonly time: string;
  readonly seq: string;
}): string {
  return `${date} ${time} ${seq}`;
}

function frameText(one: FrameView): string {
  const at = new Date(one.atMs).toISOString();
  const again = one.duplicate ? ', POSSIBLE DUPLICATE' : '';
  return `${one.direction} ${at} no. ${one.seq}, ${one.bytes} bytes, ${one.peer} – ${one.local}${again}`;
}

/** Every line of a message; a line that says so while it has not come yet. */
export function messageLines(model: Model, id: string): readonly Line[] {
  const view = model.messages[id];
  const width = model.size.columns;
  if (view === undefined) return [line('Fetching it from the gateway …', 'quiet')];
  const faults = view.faults.flatMap((fault) => labelled(fault.field ?? 'FAULT', fault.text, { width, tone: 'bad' }));
  const changes =
    view.direction === 'in'
      ? []
      : view.changes.length === 0
        ? labelled('CHANGED', 'Nothing since the draft.', { width })
        : view.changes.flatMap((change, at) => labelled(at === 0 ? 'CHANGED' : '', change, { width, tone: 'warn' }));
  const draft =
    view.draftText === undefined || view.draftText === view.text
      ? []
      : exactBlock('AS IT WAS DRAFTED', view.draftText, width);
  const companions = (view.companions ?? []).flatMap((one) =>
    exactBlock(`THE EXACT TEXT OF ${pictures(one.id)}, RELEASED WITH IT`, one.text, width),
  );
  const words =
    view.direction === 'in'
      ? 'THE EXACT TEXT AS IT CAME'
      : view.status === 'HELD'
        ? 'THE EXACT TEXT THAT WILL LEAVE'
        : 'THE EXACT TEXT';
  return [
    ...facts(view, width),
    ...faults,
    ...changes,
    ...exactBlock(words, view.text, width),
    ...companions,
    ...draft,
    ...historyLines(view, width),
    ...lineLines(view, width),
    ...timeline(model, view.timeline, width),
  ];
}
