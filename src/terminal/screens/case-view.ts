/** One hit confirmation as it is read: its clock first, then what to do, then what it rests on. */
import type { CaseView } from '../../console/contract.ts';
import { type Line, line, pictures, span } from '../frame.ts';
import { gatewayNowMs, type Model } from '../model.ts';
import { asksForTelephone, classWords, clockOf, dateOf, momentOf, phaseOf, timeOf, toneOf } from '../words.ts';
import { heading, labelled, messageSpans, sheetBlock, timeline } from './parts.ts';

/** The title of a case. */
export function caseTitle(view: CaseView): string {
  const side = view.side === 'ask' ? 'WE ASK' : 'THEY ASK US';
  return pictures(
    `CASE – ${side} – ${view.peerOri} – NIC ${view.nic} – ${view.priority === 'U' ? 'URGENT' : 'routine'} – request ${view.requestNumber}`,
  );
}

/** What a person does next about a case, in one sentence. */
export function nextCaseAct(view: CaseView): string {
  if (view.status === 'closed') return '';
  const number = (id: string): string => {
    const at = view.messages.findIndex((row) => row.id === id);
    return at >= 0 && at < 9 ? `${at + 1}` : '';
  };
  if (view.proposal !== null) {
    return `Read their answer (${number(view.proposal.messageId)}), then accept the class proposed: p, or correct it: o.`;
  }
  const held = view.messages.find((row) => row.direction === 'out' && row.status === 'HELD');
  if (asksForTelephone(view)) {
    const also = held === undefined ? '' : ` Our ${held.key} is drafted and held too (${number(held.id)}).`;
    return `It was NOT delivered: telephone them now, then record the call: t. Its clock runs on until then.${also}`;
  }
  if (held !== undefined)
    return `Our ${held.key} is drafted and held; open it (${number(held.id)}), accept and release it. Nothing has left.`;
  if (view.stoppedAtMs !== null && view.dueAtMs === null)
    return 'The clock has stopped. Close the case with a reason when everything is done: k.';
  if (view.stoppedAtMs !== null)
    return 'Another clock runs: act before it is due. NOT CONFIRMED means do not act on the record.';
  if (view.side === 'ask')
    return view.overdue
      ? 'No answer in time: telephone them, and look at what is held: F3.'
      : 'Wait for their answer; the clock runs.';
  const sent = view.messages.find(
    (row) => row.direction === 'out' && row.key === 'YR' && ['APPROVED', 'QUEUED', 'SENT'].includes(row.status),
  );
  if (sent !== undefined) return 'Our answer is on its way; the clock stops when the switch has acknowledged it.';
  if (view.check === null) return 'Look at the source document and record it: s. Then answer: y.';
  return 'The source document was checked. Answer: y.';
}

function clockLines(model: Model, view: CaseView, width: number): Line[] {
  const clock = clockOf(view, gatewayNowMs(model));
  const at = (atMs: number | null, words: string): string =>
    atMs === null ? '' : `${words} ${dateOf(model.face, atMs).slice(5)} ${timeOf(model.face, atMs)}`;
  const stopped = view.stoppedAtMs !== null && (view.dueAtMs === null || view.status === 'closed');
  const more = [
    ...(stopped
      ? [at(view.stoppedAtMs, 'stopped as of'), at(view.dueAtMs, 'was due')]
      : [at(view.dueAtMs, 'due'), at(view.stoppedAtMs, 'first stopped')]),
    at(view.startedAtMs, 'since'),
  ]
    .filter((one) => one !== '')
    .join(', ');
  const words = stopped ? '' : `${clock.text}   `;
  const phase = phaseOf(view.phase);
  return [
    [span('CLOCK       ', 'quiet'), span(words, clock.tone), span(more, stopped ? 'good' : 'plain')],
    ...labelled('STATE', phase, { width, tone: toneOf(phase) }),
  ];
}

function checkLines(model: Model, view: CaseView, width: number): Line[] {
  if (view.side === 'ask') return [];
  const check = view.check;
  const lines: Line[] = [heading('SOURCE CHECK', width)];
  if (check === null)
    return [...lines, line('Not recorded yet: s records it. CONFIRMED cannot be drafted without it.', 'warn')];
  return [
    ...lines,
    ...labelled('Document', check.documentNumber, { width }),
    ...labelled('Looked', `${check.lookedBy}, ${momentOf(model.face, check.lookedAtMs)}`, { width }),
    ...labelled('Identity', check.identityAgrees ? 'agrees' : 'DOES NOT AGREE', {
      width,
      tone: check.identityAgrees ? 'good' : 'alarm',
    }),
    ...labelled('Outstanding', check.stillOutstanding ? 'yes' : 'NO', {
      width,
      tone: check.stillOutstanding ? 'good' : 'alarm',
    }),
    ...labelled('Terms', check.terms, { width }),
  ];
}

function messageList(model: Model, view: CaseView, width: number): Line[] {
  if (view.messages.length === 0) return [];
  return [
    heading('MESSAGES (1–9 opens one)', width),
    ...view.messages.map((row, at): Line => [span(at < 9 ? `${at + 1}` : ' ', 'strong'), ...messageSpans(model, row)]),
  ];
}

/** Every line of a case; a line that says so while it has not come yet. */
export function caseLines(model: Model, id: string): readonly Line[] {
  const view = model.caseViews[id];
  const width = model.size.columns;
  if (view === undefined) return [line('Fetching it from the gateway …', 'quiet')];
  const next = nextCaseAct(view);
  const proposal: Line[] =
    view.proposal === null
      ? []
      : [
          ...labelled('PROPOSED', classWords[view.proposal.proposed], {
            width,
            tone: toneOf(classWords[view.proposal.proposed]),
          }),
          ...labelled('', view.proposal.why, { width }),
        ];
  return [
    ...clockLines(model, view, width),
    ...(next === '' ? [] : labelled('NEXT', next, { width, tone: 'strong' })),
    ...proposal,
    ...(view.closedReason === null ? [] : labelled('CLOSED', view.closedReason, { width })),
    ...messageList(model, view, width),
    ...checkLines(model, view, width),
    ...(view.sourceDocument === null ? [] : sheetBlock('SOURCE DOCUMENT', view.sourceDocument, width)),
    ...timeline(model, view.timeline, width),
  ];
}
