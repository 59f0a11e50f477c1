/** Every key there is. The help sheet, the foot of the screen and `update` all read this one table. */
import type { Screen } from './model.ts';

/** Where a key works. `typing` is any form; `reading` is a message or a case. */
export type Where = 'everywhere' | Screen['kind'];

export interface Binding {
  readonly key: string;
  readonly action: Action;
  /** How the key is written on the screen. */
  readonly shown: string;
  /** One or two words for the foot of the screen. */
  readonly label: string;
  /** A sentence for the help sheet. */
  readonly help: string;
  readonly where: readonly Where[];
}

export type Action =
  | 'help'
  | 'inbound'
  | 'held'
  | 'sent'
  | 'cases'
  | 'alarms'
  | 'new'
  | 'search'
  | 'do'
  | 'leave'
  | 'logoff'
  | 'break'
  | 'back'
  | 'open'
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'first'
  | 'last'
  | 'accept'
  | 'release'
  | 'refuse'
  | 'withdraw'
  | 'resolve'
  | 'read'
  | 'go-case'
  | 'link'
  | 'free'
  | 'disseminate'
  | 'silence'
  | 'closed'
  | 'unlock'
  | 'accept-class'
  | 'correct-class'
  | 'check'
  | 'contact'
  | 'answer'
  | 'close'
  | 'next-field'
  | 'previous-field';

const everywhere: readonly Where[] = ['everywhere'];
const moving: readonly Where[] = ['list', 'message', 'case', 'menu', 'help'];
const onMessages: readonly Where[] = ['list', 'message'];
const inForms: readonly Where[] = ['form'];

/** No key with Shift and F1 to F4: terminals disagree about them. Nothing that sends anything sits on Enter. */
export const bindings: readonly Binding[] = [
  { key: 'f1', action: 'help', shown: 'F1', label: 'Help', help: 'This sheet.', where: everywhere },
  { key: 'f2', action: 'inbound', shown: 'F2', label: 'In', help: 'What came in, newest first.', where: everywhere },
  {
    key: 'f3',
    action: 'held',
    shown: 'F3',
    label: 'Held',
    help: 'What waits for approval. Nothing here has left.',
    where: everywhere,
  },
  {
    key: 'f4',
    action: 'sent',
    shown: 'F4',
    label: 'Sent',
    help: 'What has left or is about to, and how it fared.',
    where: everywhere,
  },
  {
    key: 'f5',
    action: 'cases',
    shown: 'F5',
    label: 'Cases',
    help: 'Hit confirmations and their clocks.',
    where: everywhere,
  },
  {
    key: 'f6',
    action: 'alarms',
    shown: 'F6',
    label: 'Alarm',
    help: 'Every alarm that is not silenced.',
    where: everywhere,
  },
  {
    key: 'f7',
    action: 'new',
    shown: 'F7',
    label: 'New',
    help: 'A new message: choose its key, fill its form.',
    where: everywhere,
  },
  {
    key: 'f8',
    action: 'search',
    shown: 'F8',
    label: 'Find',
    help: 'Look in the ledger. Looking is itself on file.',
    where: everywhere,
  },
  {
    key: 'f9',
    action: 'do',
    shown: 'F9',
    label: 'DO IT',
    help: 'Does what the form is for: its foot says what. The only key that does.',
    where: inForms,
  },
  {
    key: 'f10',
    action: 'leave',
    shown: 'F10',
    label: 'Exit',
    help: 'Twice: leaves the screen. Clocks run on without it.',
    where: everywhere,
  },
  {
    key: 'f12',
    action: 'logoff',
    shown: 'F12',
    label: 'Off',
    help: 'Twice: logs you off; the next person logs on.',
    where: everywhere,
  },
  { key: 'C-c', action: 'break', shown: 'Ctrl-C', label: 'Leave', help: 'Twice: leaves, like F10.', where: everywhere },
  {
    key: 'escape',
    action: 'back',
    shown: 'Esc',
    label: 'Back',
    help: 'Back one screen. A form with something in it asks twice.',
    where: everywhere,
  },
  {
    key: 'enter',
    action: 'open',
    shown: 'Enter',
    label: 'Open',
    help: 'Opens what is marked. In a form: the next field; it never sends.',
    where: ['list', 'menu'],
  },
  { key: 'up', action: 'up', shown: 'Up', label: '', help: 'Up one line.', where: moving },
  { key: 'down', action: 'down', shown: 'Down', label: '', help: 'Down one line.', where: moving },
  {
    key: 'pageup',
    action: 'page-up',
    shown: 'PgUp',
    label: '',
    help: 'Up one page; in a form, the text above it.',
    where: [...moving, 'form'],
  },
  {
    key: 'pagedown',
    action: 'page-down',
    shown: 'PgDn',
    label: '',
    help: 'Down one page; in a form, the text above it.',
    where: [...moving, 'form'],
  },
  { key: 'home', action: 'first', shown: 'Home', label: '', help: 'To the first line.', where: moving },
  { key: 'end', action: 'last', shown: 'End', label: '', help: 'To the last line.', where: moving },
  {
    key: 'a',
    action: 'accept',
    shown: 'a',
    label: 'Accept',
    help: 'Accepts a held message: it will leave under your OSN once a supervisor releases it.',
    where: onMessages,
  },
  {
    key: 'r',
    action: 'release',
    shown: 'r',
    label: 'Release',
    help: 'A supervisor reads the exact text and releases it.',
    where: onMessages,
  },
  {
    key: 'x',
    action: 'refuse',
    shown: 'x',
    label: 'Refuse',
    help: 'A supervisor refuses it, with a reason.',
    where: onMessages,
  },
  {
    key: 'w',
    action: 'withdraw',
    shown: 'w',
    label: 'Withdraw',
    help: 'Takes back what has not left, with a reason.',
    where: onMessages,
  },
  {
    key: 'd',
    action: 'resolve',
    shown: 'd',
    label: 'Doubt',
    help: 'Decides about a message in doubt: arrived, send again, give up.',
    where: onMessages,
  },
  {
    key: 'm',
    action: 'read',
    shown: 'm',
    label: 'Mark read',
    help: 'Marks what came in as read by you.',
    where: onMessages,
  },
  {
    key: 'c',
    action: 'go-case',
    shown: 'c',
    label: 'Case',
    help: 'Opens the case this belongs to.',
    where: onMessages,
  },
  {
    key: 'l',
    action: 'link',
    shown: 'l',
    label: 'Link',
    help: 'Says that this message belongs to a case.',
    where: onMessages,
  },
  {
    key: 'f',
    action: 'free',
    shown: 'f',
    label: 'Free',
    help: 'Frees what came from quarantine, under your name and with a reason.',
    where: onMessages,
  },
  {
    key: 'g',
    action: 'disseminate',
    shown: 'g',
    label: 'Given to',
    help: 'Enters to whom a criminal history was passed on.',
    where: onMessages,
  },
  {
    key: 'i',
    action: 'silence',
    shown: 'i',
    label: 'Silence',
    help: 'Silences the marked alarm. Its cause stays.',
    where: ['list'],
  },
  {
    key: 't',
    action: 'closed',
    shown: 't',
    label: 'Closed too',
    help: 'In the list of cases: shows closed ones too, or only open ones.',
    where: ['list'],
  },
  {
    key: 'u',
    action: 'unlock',
    shown: 'u',
    label: 'Unlock',
    help: 'A custodian lets an account log on again that too many wrong passwords have locked.',
    where: ['list'],
  },
  {
    key: 'p',
    action: 'accept-class',
    shown: 'p',
    label: 'Accept class',
    help: 'Accepts the class proposed for their answer; the clock stops as of its receipt.',
    where: ['case'],
  },
  {
    key: 'o',
    action: 'correct-class',
    shown: 'o',
    label: 'Correct',
    help: 'Gives their answer another class than the one proposed.',
    where: ['case'],
  },
  {
    key: 's',
    action: 'check',
    shown: 's',
    label: 'Source check',
    help: 'Records your look at the source document.',
    where: ['case'],
  },
  {
    key: 'y',
    action: 'answer',
    shown: 'y',
    label: 'Answer (YR)',
    help: 'Drafts our answer to their request; it is held.',
    where: ['case'],
  },
  {
    key: 't',
    action: 'contact',
    shown: 't',
    label: 'Telephone',
    help: 'Records your telephone call to the agency our request did not reach, which ends its clock.',
    where: ['case'],
  },
  { key: 'k', action: 'close', shown: 'k', label: 'Close', help: 'Closes the case, with a reason.', where: ['case'] },
  {
    key: 'tab',
    action: 'next-field',
    shown: 'Tab',
    label: 'Next',
    help: 'The next field; so does Down and Enter.',
    where: inForms,
  },
  { key: 'down', action: 'next-field', shown: 'Down', label: '', help: 'The next field.', where: inForms },
  {
    key: 'enter',
    action: 'next-field',
    shown: 'Enter',
    label: '',
    help: 'The next field. On the last field of the log-on and the look-up: does it.',
    where: inForms,
  },
  {
    key: 'S-tab',
    action: 'previous-field',
    shown: 'Shift-Tab',
    label: '',
    help: 'The field before; so does Up.',
    where: inForms,
  },
  { key: 'up', action: 'previous-field', shown: 'Up', label: '', help: 'The field before.', where: inForms },
];

/** What a key does on a screen of this kind, when it does anything. */
export function actionOf(key: string, kind: Screen['kind']): Action | undefined {
  return bindings.find((one) => one.key === key && (one.where.includes(kind) || one.where.includes('everywhere')))
    ?.action;
}

/** How the key of an action is written, such as `F9`. */
export function shownKey(action: Action): string {
  return bindings.find((one) => one.action === action)?.shown ?? '';
}
