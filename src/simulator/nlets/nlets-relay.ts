/** The Nlets side of the switch: refuses, relays, and lets scripted agencies and States answer. Pure. */
import { findLicences, findRegistrations } from '../records/criminal-histories.ts';
import { stateWords } from '../replies.ts';
import { licenceLines, registrationLines } from '../reply-text.ts';
import type { NletsRequest } from '../requests.ts';
import type { Agency, AgencyReply, Matcher } from '../script.ts';
import {
  type About,
  type Delivery,
  type Facts,
  firstMet,
  type Stepped,
  type SwitchEffect,
  type SwitchState,
  stampIn,
} from '../state.ts';
import { type AgencyAnswer, type Responder, scriptedAnswers } from './agency-answers.ts';
import { type NletsRefusal, refusalOf } from './nlets-rules.ts';
import { buildErrorBody, buildStatusBody, nletsOri } from './nlets-text.ts';

/** One message as it came, with what is needed to send something back. */
export interface Arrival {
  readonly request: NletsRequest;
  readonly linkId: string;
  readonly nowMs: number;
}

/** What a script's conditions look at in an Nlets message. */
export function nletsFacts(request: NletsRequest): Facts {
  return {
    key: request.key,
    from: request.ori,
    to: request.destinations,
    nics: request.fields['NIC'] ?? [],
    requestNumber: request.fields['RNO']?.[0],
  };
}

/** Stamps an answer in and sends it back to the asker after its delay. */
function backToAsker(state: SwitchState, arrival: Arrival, answer: AgencyAnswer & { readonly about: About }): Stepped {
  const { request, linkId } = arrival;
  const stamped = stampIn(state, arrival.nowMs + answer.afterMs);
  const delivery: Delivery = {
    form: 'nlets',
    about: answer.about,
    key: answer.key,
    sender: answer.sender,
    to: request.ori,
    linkId,
    prefix: request.prefix,
    control: answer.control,
    body: answer.body,
    received: stamped.stamp,
    nic: answer.nic,
  };
  return {
    state: stamped.state,
    effects: [{ type: 'later', afterMs: answer.afterMs, event: { type: 'due', delivery } }],
  };
}

/** Sends a message back as ER from the Nlets switch, with the control field it carried. */
function sendError(state: SwitchState, arrival: Arrival, refusal: NletsRefusal): Stepped {
  const { request } = arrival;
  const body = buildErrorBody({
    ...refusal,
    key: request.key,
    original: request.text,
    echoCharacters: state.script.errorEchoCharacters,
  });
  const control = request.control === undefined ? {} : { control: request.control };
  return backToAsker(state, arrival, { about: 'error', key: 'ER', sender: nletsOri, body, afterMs: 0, ...control });
}

type Rules = readonly { readonly when?: Matcher | undefined; readonly replies: readonly AgencyReply[] }[];

/** Lets the first rule that matches speak; no rule that matches is silence. */
function byRules(
  state: SwitchState,
  arrival: Arrival,
  about: { readonly rules: Rules; readonly responder: Responder; readonly place: string },
): Stepped {
  const { request } = arrival;
  const met = firstMet(state, about.rules, { facts: nletsFacts(request), place: about.place });
  if (met.rule === undefined) return { state: met.state, effects: [] };
  let current = met.state;
  const effects: SwitchEffect[] = [];
  for (const answer of met.rule.replies.flatMap((reply) => scriptedAnswers(about.responder, request, reply))) {
    const own = about.responder.kind === 'agency' ? 'agency-answer' : 'network-answer';
    const kind = answer.key === 'ER' ? 'error' : answer.key === 'SM' ? 'status' : own;
    const stepped = backToAsker(current, arrival, { ...answer, about: kind });
    current = stepped.state;
    effects.push(...stepped.effects);
  }
  return { state: current, effects };
}

/** Lets a scripted agency answer. Only questions are answered; a YR is taken in silence. */
function toAgency(state: SwitchState, arrival: Arrival, agency: Agency): Stepped {
  const { key } = arrival.request;
  const note: SwitchEffect = { type: 'note', code: 'RELAYED_TO_AGENCY', key };
  if (key === 'YR') return { state, effects: [note] };
  const responder: Responder = { kind: 'agency', agency };
  const said = byRules(state, arrival, { rules: agency.rules, responder, place: `agency.${agency.ori}` });
  const silent: SwitchEffect = { type: 'note', code: 'AGENCY_SILENT', key };
  return { state: said.state, effects: [note, ...(said.effects.length === 0 ? [silent] : said.effects)] };
}

const stateAnswers: Readonly<Record<string, string>> = { RQ: 'RR', RQG: 'RR', DQ: 'DR', DQG: 'DR' };

/** What a State's registers hold for RQ and DQ. */
function lookUp(state: SwitchState, request: NletsRequest, about: { readonly code: string; readonly key: string }) {
  const { code, key } = about;
  const lines =
    key === 'RR'
      ? registrationLines(findRegistrations(state.registers, code, request.fields))
      : licenceLines(findLicences(state.registers, code, request.fields));
  const body = lines.length > 0 ? lines.join('\n') : stateWords.notOnFile;
  // The generic ORI of a state's licence plate file is xxLIC0000; that driver answers come from xxOLN0000 is recalled.
  return { key, sender: `${code}${key === 'RR' ? 'LIC' : 'OLN'}0000`, body };
}

const lookUpAtOnce: AgencyReply = { say: 'look-up', hours: 1 };

/** Answers RQ and DQ for a state by its code; a state that knows nothing of the key is said not to respond. */
function toState(state: SwitchState, arrival: Arrival, code: string): Stepped {
  const { request } = arrival;
  const key = stateAnswers[request.key];
  if (key === undefined) {
    const control = request.control === undefined ? {} : { control: request.control };
    const body = buildStatusBody('01', request.key, code);
    return backToAsker(state, arrival, { about: 'status', key: 'SM', sender: nletsOri, body, afterMs: 0, ...control });
  }
  const responder: Responder = { kind: 'state', code, found: lookUp(state, request, { code, key }) };
  const scripted = state.script.states.find((one) => one.code === code)?.rules ?? [];
  const rules: Rules = [...scripted, { replies: [lookUpAtOnce] }];
  return byRules(state, arrival, { rules, responder, place: `state.${code}` });
}

/** Relays to another client of this switch, as Nlets delivers it. */
function toStation(state: SwitchState, arrival: Arrival, destination: string): Stepped {
  const { request, nowMs } = arrival;
  const { state: counted, stamp } = stampIn(state, nowMs);
  const delivery: Delivery = {
    form: 'nlets',
    about: 'relay',
    key: request.key,
    sender: request.ori,
    to: destination,
    prefix: '',
    control: request.control,
    body: request.body.trim(),
    received: stamp,
    nic: request.fields['NIC']?.[0],
  };
  return { state: counted, effects: [{ type: 'later', afterMs: 0, event: { type: 'due', delivery } }] };
}

/** Forwards a message to each of its destinations, or sends it back. Each unknown address gets an ER of its own. */
export function relayNlets(state: SwitchState, arrival: Arrival): Stepped {
  const refusal = refusalOf(arrival.request);
  if (refusal !== undefined) return sendError(state, arrival, refusal);
  let current = state;
  const effects: SwitchEffect[] = [];
  for (const destination of arrival.request.destinations) {
    const stepped = toDestination(current, arrival, destination);
    current = stepped.state;
    effects.push(...stepped.effects);
  }
  return { state: current, effects };
}

function toDestination(state: SwitchState, arrival: Arrival, destination: string): Stepped {
  if (destination.length === 2) return toState(state, arrival, destination);
  const agency = state.script.agencies.find((one) => one.ori === destination);
  if (agency !== undefined) return toAgency(state, arrival, agency);
  if (state.script.listeners.includes(destination)) {
    return { state, effects: [{ type: 'note', code: 'LISTENER_TOOK', key: arrival.request.key }] };
  }
  if (state.stations.has(destination)) return toStation(state, arrival, destination);
  return sendError(state, arrival, { number: '01', detail: `DESTINATION ${destination} NOT IN DIRECTORY` });
}
