/** What a scripted agency does with a message that reached it: YR texts of every kind, or silence. Pure. */
import type { Values } from '../../formats/message.ts';
import { confirmationWords } from '../replies.ts';
import type { NletsRequest } from '../requests.ts';
import type { Agency, AgencyReply, Saying } from '../script.ts';
import { buildErrorBody, buildStatusBody, nletsOri } from './nlets-text.ts';

/** One message on its way back, before it is stamped. */
export interface AgencyAnswer {
  readonly key: string;
  readonly sender: string;
  readonly control?: string;
  readonly body: string;
  readonly afterMs: number;
  readonly nic?: string;
}

type Confirming = keyof typeof confirmationWords;

/** What each saying means when the script does not say otherwise; the codes of CON are recalled (nlets.md 3.4). */
const sayings: Readonly<
  Record<
    Saying,
    {
      readonly says: Confirming | 'free-text' | 'look-up' | 'network';
      readonly control?: 'none';
      readonly afterMs?: number;
      readonly copies?: number;
    }
  >
> = {
  'look-up': { says: 'look-up' },
  confirm: { says: 'confirm' },
  deny: { says: 'deny' },
  'time-named': { says: 'time-named' },
  'in-process': { says: 'in-process' },
  'extradition-open': { says: 'extradition-open' },
  'free-text': { says: 'free-text' },
  'wrong-subject': { says: 'confirm' },
  'no-control': { says: 'confirm', control: 'none' },
  // Eleven minutes: one more than an urgent request allows.
  late: { says: 'confirm', afterMs: 660_000 },
  duplicate: { says: 'confirm', copies: 2 },
  'error-22': { says: 'network' },
  'status-01': { says: 'network' },
  'status-02': { says: 'network' },
  'status-04': { says: 'network' },
};

const codeOf: Readonly<Record<Confirming, string>> = {
  confirm: 'Y',
  deny: 'N',
  'time-named': 'I',
  'in-process': 'I',
  'extradition-open': 'E',
};

/** A control field nobody asked under. */
const foreignControl = 'OTHER00001';
/** The fields of a YQ that its YR repeats. */
const repeatedCodes = [
  'RTY',
  'OCA',
  'NIC',
  'NAM',
  'DOB',
  'SEX',
  'LIC',
  'LIS',
  'VIN',
  'SER',
  'MAK',
  'TYP',
  'REG',
  'BHN',
];

/** Another subject's identifiers: same kind of record, nothing else alike. */
function otherSubject(fields: Values): Values {
  const nic = fields['NIC']?.[0] ?? 'W990000001';
  const number = (Number(nic.slice(4)) + 500) % 1_000_000;
  return {
    ...fields,
    NIC: [`${nic.slice(0, 4)}${String(number).padStart(6, '0')}`],
    OCA: ['OTHER000001'],
    ...(fields['NAM'] === undefined ? {} : { NAM: ['SAMPLE,OTHER'] }),
    ...(fields['DOB'] === undefined ? {} : { DOB: ['19010101'] }),
    ...(fields['LIC'] === undefined ? {} : { LIC: ['SYN0999'] }),
    ...(fields['VIN'] === undefined ? {} : { VIN: ['SYNTHETICVIN00999'] }),
    ...(fields['SER'] === undefined ? {} : { SER: ['SYN000999'] }),
  };
}

function confirmationBody(reply: AgencyReply, says: Confirming, context: { agency: Agency; fields: Values }): string {
  const { agency, fields } = context;
  const elements = [
    ...repeatedCodes.flatMap((code) => (fields[code] ?? []).slice(0, 1).map((value) => `${code}/${value}`)),
    `CON/${codeOf[says]}`,
    ...(says === 'time-named' ? [`HTC/${reply.hours}`] : []),
    `CNA/${agency.clerk}`,
    `CAG/${agency.name.toUpperCase()}`,
    `PHO/${agency.phone}`,
    `REM/${reply.remark ?? confirmationWords[says]}`,
  ];
  return elements.join('.');
}

function networkAnswer(request: NletsRequest, address: string, say: Saying): { key: string; body: string } {
  if (say === 'error-22') {
    const options = ['RTY, RNO, PRI, OCA, NIC, NAM, DOB, RNA, RAG'];
    return {
      key: 'ER',
      body: buildErrorBody({ number: '22', key: request.key, options, original: request.text, echoCharacters: 100 }),
    };
  }
  const number = say === 'status-02' ? '02' : say === 'status-04' ? '04' : '01';
  return { key: 'SM', body: buildStatusBody(number, request.key, address) };
}

function controlFor(reply: AgencyReply, request: NletsRequest): string | undefined {
  const choice = reply.control ?? sayings[reply.say].control ?? 'echo';
  if (choice === 'none') return undefined;
  return choice === 'other' ? foreignControl : request.control;
}

/** Who answers: an agency in its own words, or a State from its registers. */
export type Responder =
  | { readonly kind: 'agency'; readonly agency: Agency }
  | {
      readonly kind: 'state';
      readonly code: string;
      readonly found: { readonly key: string; readonly sender: string; readonly body: string };
    };

/** What is said, by whom and under which key; nothing when the saying does not fit the question. */
function words(
  responder: Responder,
  request: NletsRequest,
  reply: AgencyReply,
): Pick<AgencyAnswer, 'key' | 'sender' | 'body'> | undefined {
  const { says } = sayings[reply.say];
  const address = responder.kind === 'agency' ? responder.agency.ori : responder.code;
  if (says === 'network') return { ...networkAnswer(request, address, reply.say), sender: nletsOri };
  if (says === 'free-text') {
    const body = reply.body ?? reply.remark ?? '';
    if (responder.kind === 'state') return { ...responder.found, body };
    return { key: request.key === 'YQ' ? 'YR' : 'AM', sender: responder.agency.ori, body };
  }
  if (says === 'look-up') return responder.kind === 'state' ? responder.found : undefined;
  if (responder.kind === 'state' || request.key !== 'YQ') return undefined;
  const { agency } = responder;
  const fields = subjectOf(reply, request);
  return { key: 'YR', sender: agency.ori, body: confirmationBody(reply, says, { agency, fields }) };
}

function subjectOf(reply: AgencyReply, request: NletsRequest): Values {
  return reply.say === 'wrong-subject' ? otherSubject(request.fields) : request.fields;
}

/** The messages one scripted reply makes of a question; only a YQ can be confirmed, denied or put off. */
export function scriptedAnswers(
  responder: Responder,
  request: NletsRequest,
  reply: AgencyReply,
): readonly AgencyAnswer[] {
  const said = words(responder, request, reply);
  if (said === undefined) return [];
  const meaning = sayings[reply.say];
  const control = controlFor(reply, request);
  const nic = subjectOf(reply, request)['NIC']?.[0];
  const answer: AgencyAnswer = {
    ...said,
    afterMs: reply.afterMs ?? meaning.afterMs ?? 0,
    ...(control === undefined ? {} : { control }),
    ...(nic === undefined ? {} : { nic }),
  };
  return Array.from({ length: reply.copies ?? meaning.copies ?? 1 }, () => answer);
}
