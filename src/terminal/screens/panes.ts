/** The texts that stand above forms: what is about to be released, the source document, their answer. */
import type { MessageView } from '../../console/contract.ts';
import type { Model, Pane, Paragraph, Purpose } from '../model.ts';

/** What must be read before anything is released: what it does, what changed, and the exact text. */
export function approvalPane(view: MessageView, mustRead: boolean): Pane {
  const changes: Paragraph[] =
    view.changes.length === 0
      ? [{ style: 'prose', text: 'Nothing was changed since the draft.' }]
      : [
          { style: 'heading', text: 'CHANGED SINCE THE DRAFT' },
          ...view.changes.map((text): Paragraph => ({ style: 'prose', text: `- ${text}` })),
        ];
  return {
    title: `${view.key} to ${view.peerOri}`,
    paragraphs: [
      { style: 'heading', text: 'WHAT RELEASING IT DOES' },
      { style: 'prose', text: view.effect },
      ...changes,
      { style: 'heading', text: 'THE EXACT TEXT' },
      { style: 'exact', text: view.text },
      { style: 'heading', text: '── END OF TEXT ──' },
    ],
    top: 0,
    mustRead,
    wasRead: false,
    sha256: view.sha256,
  };
}

/** The source document, and below it what they ask about, to compare the two. */
export function checkPane(model: Model, caseId: string): Pane {
  const view = model.caseViews[caseId];
  const asked = view?.messages.filter((row) => row.direction === 'in').map((row) => model.messages[row.id]?.text) ?? [];
  const document = view?.sourceDocument ?? null;
  const none = 'No copy of the source document is on file here. Have the paper itself in hand.';
  return {
    title: 'SOURCE DOCUMENT',
    paragraphs: [
      document === null ? { style: 'prose', text: none } : { style: 'sheet', text: document },
      ...asked.flatMap((text): Paragraph[] =>
        text === undefined
          ? []
          : [
              { style: 'heading', text: 'WHAT THEY ASK' },
              { style: 'exact', text },
            ],
      ),
    ],
    top: 0,
    mustRead: false,
    wasRead: false,
    sha256: null,
  };
}

/** The text above the form of this purpose; null when it has none, or when its message has not come yet. */
export function paneFor(model: Model, purpose: Purpose): Pane | null {
  if (purpose.kind === 'release' || purpose.kind === 'refuse') {
    const view = model.messages[purpose.id];
    return view === undefined ? null : approvalPane(view, purpose.kind === 'release');
  }
  if (purpose.kind === 'check') return checkPane(model, purpose.caseId);
  if (purpose.kind === 'classify') {
    const view = model.messages[purpose.messageId];
    if (view === undefined) return null;
    return {
      title: 'THEIR ANSWER',
      paragraphs: [{ style: 'exact', text: view.text }],
      top: 0,
      mustRead: false,
      wasRead: false,
      sha256: null,
    };
  }
  return null;
}
