/** Every form that is not a message: its fields, its title, what F9 does there. */
import { type Choice, type Field, makeField } from '../field.ts';
import { scrollPane } from '../form.ts';
import { type FormScreen, gatewayNowMs, type Model, type Purpose } from '../model.ts';
import { classWords, momentOf } from '../words.ts';
import { paneFor } from './panes.ts';
import { disseminateFields, freeFields, reason } from './record-forms.ts';

const yesNo: readonly Choice[] = [
  { value: 'yes', label: 'YES' },
  { value: 'no', label: 'NO' },
];

const classChoices: readonly Choice[] = Object.entries(classWords).map(([value, label]) => ({ value, label }));

/** Identifier and fresh factor for one act; a supervisor at a console of his own may leave them empty. */
function shoulderFields(model: Model): Field[] {
  const own = model.person?.roles.includes('supervisor') === true;
  const help = own
    ? 'Leave both empty to act as yourself, or let another supervisor type his.'
    : 'The supervisor types this. It counts for this one act; you stay logged on.';
  return [
    makeField({ name: 'osn', label: 'Supervisor number (OSN)', must: !own, max: 20, capitals: true, help }),
    makeField({ name: 'factor', label: 'Supervisor password', must: !own, max: 200, secret: true, help }),
  ];
}

function logonFields(model: Model): Field[] {
  return [
    makeField({
      name: 'osn',
      label: 'Operator number (OSN)',
      must: true,
      max: 20,
      capitals: true,
      value: model.lastOsn ?? '',
      help: 'Your own number; never use another person’s.',
    }),
    makeField({
      name: 'password',
      label: 'Password',
      must: true,
      max: 200,
      secret: true,
      help: 'It is not shown while you type.',
    }),
  ];
}

function checkFields(model: Model): Field[] {
  const nowMs = gatewayNowMs(model);
  const who = model.person === null ? '' : `${model.person.name} ${model.person.osn}`;
  return [
    makeField({
      name: 'documentNumber',
      label: 'Document number',
      must: true,
      max: 40,
      help: 'The number on the warrant, report or order itself, not on the computer entry.',
    }),
    makeField({
      name: 'lookedBy',
      label: 'Who looked at it',
      must: true,
      max: 60,
      value: who,
      help: 'Who had the document in hand.',
    }),
    makeField({
      name: 'lookedAtMs',
      label: 'When',
      must: true,
      max: 16,
      value: nowMs === null ? '' : momentOf(model.face, nowMs),
      help: 'YYYY-MM-DD HH:MM, or HH:MM of today.',
    }),
    makeField({
      name: 'identityAgrees',
      label: 'Identity agrees',
      must: true,
      max: 3,
      choices: yesNo,
      help: 'Do name, birth and marks of their person agree with the document? y or n.',
    }),
    makeField({
      name: 'stillOutstanding',
      label: 'Still outstanding',
      must: true,
      max: 3,
      choices: yesNo,
      help: 'Is it still in force, not served and not recalled? y or n.',
    }),
    makeField({
      name: 'terms',
      label: 'Extradition or return terms',
      must: true,
      max: 200,
      help: 'How far we extradite, or how the property is returned.',
    }),
  ];
}

function contactFields(model: Model): Field[] {
  const nowMs = gatewayNowMs(model);
  return [
    makeField({
      name: 'who',
      label: 'Whom you spoke to',
      must: true,
      max: 60,
      help: 'Name, and number or rank, of the person at the other agency.',
    }),
    makeField({
      name: 'number',
      label: 'Number called',
      must: true,
      max: 30,
      help: 'The telephone number you reached.',
    }),
    makeField({
      name: 'atMs',
      label: 'When',
      must: true,
      max: 16,
      value: nowMs === null ? '' : momentOf(model.face, nowMs),
      help: 'YYYY-MM-DD HH:MM, or HH:MM of today.',
    }),
    makeField({
      name: 'said',
      label: 'What was said',
      must: true,
      max: 500,
      help: 'In your own words; kept on file. It confirms nothing by itself: their YR does.',
    }),
  ];
}

function answerFields(): Field[] {
  return [
    makeField({
      name: 'as',
      label: 'Our answer',
      must: true,
      max: 40,
      choices: classChoices.filter((one) => one.value !== 'unclear'),
      help: 'Left and Right choose. CONFIRMED needs the recorded source check.',
    }),
    makeField({
      name: 'hoursToConfirm',
      label: 'Hours to confirm',
      must: false,
      max: 2,
      help: 'Only when a time is named: how many hours, 1 to 99.',
    }),
    makeField({
      name: 'remarks',
      label: 'Remarks',
      must: false,
      max: 500,
      capitals: true,
      help: 'Leaves with the answer, in capitals.',
    }),
  ];
}

function classifyFields(): Field[] {
  return [
    makeField({
      name: 'as',
      label: 'What their answer says',
      must: true,
      max: 40,
      choices: classChoices,
      help: 'Left and Right choose. Read the answer first: its text decides, not the proposal.',
    }),
    makeField({
      name: 'untilMs',
      label: 'Time they named',
      must: false,
      max: 16,
      help: 'Only when a time was named: YYYY-MM-DD HH:MM, or HH:MM of today.',
    }),
  ];
}

function resolveFields(model: Model): Field[] {
  const choices = [
    { value: 'arrived', label: 'ARRIVED: the other side has it' },
    { value: 'send-again', label: 'SEND AGAIN: it did not arrive (a supervisor’s word)' },
    { value: 'give-up', label: 'GIVE UP: it is not needed any more' },
  ];
  return [
    makeField({
      name: 'decision',
      label: 'Decision',
      must: true,
      max: 20,
      choices,
      help: 'Find out first (telephone the other side). Sent twice may do harm.',
    }),
    reason('How do you know'),
    ...shoulderFields(model).map((field) => ({ ...field, must: false })),
  ];
}

function unlockFields(): Field[] {
  const help = 'The account that too many wrong passwords have locked.';
  return [
    makeField({ name: 'locked', label: 'Locked number (OSN)', must: true, max: 20, capitals: true, help }),
    makeField({
      name: 'consoleId',
      label: 'At which console',
      must: true,
      max: 20,
      capitals: true,
      help: 'Such as COJ1.',
    }),
    reason('Why may it log on again'),
    makeField({
      name: 'osn',
      label: 'Custodian number (OSN)',
      max: 20,
      capitals: true,
      help: 'Empty when you are the custodian.',
    }),
    makeField({
      name: 'factor',
      label: 'Custodian password',
      max: 200,
      secret: true,
      help: 'It counts for this one act.',
    }),
  ];
}

function searchFields(): Field[] {
  const moment = 'YYYY-MM-DD HH:MM, or HH:MM of today.';
  return [
    { name: 'key', label: 'Message key', max: 8, help: 'Such as YQ.' },
    { name: 'ori', label: 'ORI', max: 9, help: 'Of either end.' },
    { name: 'osn', label: 'Operator number (OSN)', max: 20, help: 'Who asked, sent or approved.' },
    { name: 'nic', label: 'NIC number', max: 10, help: 'NIC/ of the record.' },
    { name: 'name', label: 'Name', max: 80, help: 'LAST, FIRST' },
    { name: 'fromMs', label: 'From', max: 16, help: moment },
    { name: 'untilMs', label: 'Until', max: 16, help: moment },
  ].map((one) => makeField({ ...one, capitals: true }));
}

function linkFields(model: Model): Field[] {
  const choices = model.cases
    .filter((row) => row.status === 'open')
    .map((row) => ({
      value: row.id,
      label: `${row.peerOri} ${row.nic} ${row.side === 'ask' ? 'our question' : 'their question'}`,
    }));
  return [
    makeField({
      name: 'caseId',
      label: 'Case',
      must: true,
      max: 64,
      choices,
      help: 'Left and Right choose among the open cases.',
    }),
  ];
}

function fieldsFor(model: Model, purpose: Purpose): Field[] {
  switch (purpose.kind) {
    case 'logon':
      return logonFields(model);
    case 'release':
      return shoulderFields(model);
    case 'refuse':
      return [reason('Why is it refused'), ...shoulderFields(model)];
    case 'withdraw':
      return [reason('Why is it taken back')];
    case 'resolve':
      return resolveFields(model);
    case 'link':
      return linkFields(model);
    case 'free':
      return freeFields();
    case 'disseminate':
      return disseminateFields();
    case 'classify':
      return classifyFields();
    case 'check':
      return checkFields(model);
    case 'contact':
      return contactFields(model);
    case 'answer':
      return answerFields();
    case 'close':
      return [reason('Why is the case closed')];
    case 'unlock':
      return unlockFields();
    case 'search':
      return searchFields();
    case 'compose':
      return [];
  }
}

/** The form for a purpose, with what is known filled in. */
export function makeForm(model: Model, purpose: Purpose): FormScreen {
  const fields = fieldsFor(model, purpose);
  const first = purpose.kind === 'logon' && model.lastOsn !== null ? 1 : 0;
  const form: FormScreen = {
    kind: 'form',
    purpose,
    fields,
    focus: first,
    pane: paneFor(model, purpose),
    faults: [],
    dirty: false,
    waitingFor: null,
  };
  return scrollPane(form, model.size, 0);
}

/** The title of each form, and the words beside F9. */
export const formWords: Readonly<Record<Purpose['kind'], { readonly title: string; readonly does: string }>> = {
  logon: { title: 'LOG ON', does: 'Log on' },
  release: { title: 'RELEASE – the supervisor reads to the end, then types', does: 'RELEASE' },
  refuse: { title: 'REFUSE – it will not leave', does: 'Refuse' },
  withdraw: { title: 'TAKE BACK what has not left', does: 'Take back' },
  resolve: { title: 'IN DOUBT – it may or may not have arrived', does: 'Decide' },
  link: { title: 'LINK this message to a case', does: 'Link' },
  free: { title: 'FREE this message from quarantine – under your name', does: 'Free' },
  disseminate: { title: 'GIVEN TO – a criminal history was passed on', does: 'Record' },
  classify: { title: 'THEIR ANSWER – what does it say?', does: 'Record' },
  check: { title: 'SOURCE CHECK – the document itself, not the computer entry', does: 'Record' },
  contact: { title: 'TELEPHONE – the call to the agency our request did not reach', does: 'Record' },
  answer: { title: 'OUR ANSWER (YR) – it is drafted and held', does: 'Draft' },
  close: { title: 'CLOSE the case', does: 'Close' },
  unlock: { title: 'UNLOCK an account – a custodian’s act', does: 'Unlock' },
  search: { title: 'LOOK IN THE LEDGER – looking is itself on file', does: 'Look' },
  compose: { title: 'NEW MESSAGE', does: 'Draft' },
};

/** The title of a form. */
export function formTitle({ purpose }: Pick<FormScreen, 'purpose'>): string {
  return purpose.kind === 'compose' ? `NEW ${purpose.key}` : formWords[purpose.kind].title;
}

/** Forms whose content is kept while a person looks at something else; the others hold secrets or are quick to redo. */
export function isKept(purpose: Purpose): boolean {
  return ['compose', 'check', 'contact', 'answer', 'disseminate'].includes(purpose.kind);
}
