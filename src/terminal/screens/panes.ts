/** The texts that stand above forms: what is about to be released, the source document, their answer. */
import type { MessageView } from '../../console/contract.ts';
import type { Model, Pane, Paragraph, Purpose, Shown } from '../model.ts';

/** What goes with a message, as its release must name it. */
function shownWith(view: MessageView): readonly Shown[] {
  return (view.companions ?? []).map(({ id, sha256 }) => ({ id, sha256 }));
}

/** True while a pane shows the very texts that its release would let go: the message's own, and those that go with it. */
export function isAsShown(pane: Pane, view: MessageView): boolean {
  if (pane.sha256 !== view.sha256) return false;
  // What is no longer held has nothing left to be released with it; the dialog's own answer brings that news too.
  if (view.status !== 'HELD') return true;
  const namesOf = (all: readonly Shown[]): string =>
    all
      .map((one) => `${one.id} ${one.sha256}`)
      .toSorted()
      .join();
  return namesOf(pane.also) === namesOf(shownWith(view));
}

const endOfText: Paragraph = { style: 'heading', text: '── END OF TEXT ──' };

/** What must be read before anything is released: what it does, what changed, the exact text, and those that go with it. */
export function approvalPane(view: MessageView, mustRead: boolean): Pane {
  const changes: Paragraph[] =
    view.changes.length === 0
      ? [{ style: 'prose', text: 'Nothing was changed since the draft.' }]
      : [
          { style: 'heading', text: 'CHANGED SINCE THE DRAFT' },
          ...view.changes.map((text): Paragraph => ({ style: 'prose', text: `- ${text}` })),
        ];
  const companions = view.companions ?? [];
  return {
    title: `${view.key} to ${view.peerOri}${companions.length === 0 ? '' : ` + ${companions.length} WITH IT`}`,
    paragraphs: [
      { style: 'heading', text: 'WHAT RELEASING IT DOES' },
      { style: 'prose', text: view.effect },
      ...companions.map(
        ({ id }): Paragraph => ({ style: 'prose', text: `${id} IS RELEASED WITH IT; its text stands below.` }),
      ),
      ...changes,
      { style: 'heading', text: 'THE EXACT TEXT' },
      { style: 'exact', text: view.text },
      endOfText,
      ...companions.flatMap(({ id, text }): Paragraph[] => [
        { style: 'heading', text: `THE EXACT TEXT OF ${id}, RELEASED WITH IT` },
        { style: 'exact', text },
        endOfText,
      ]),
    ],
    top: 0,
    mustRead,
    wasRead: false,
    sha256: view.sha256,
    also: shownWith(view),
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
    also: [],
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
      also: [],
    };
  }
  return null;
}
