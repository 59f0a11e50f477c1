/** The Nlets side of the switch: refuses, relays, and lets scripted agencies and States answer. Pure. */
import { findLicences, findRegistrations } from '../records/criminal-histories.ts';
import { stateWords } from '../replies.ts';
import { licenceLines, registrationLines } from '../reply-text.ts';
import type { NletsRequest } from '../requests.ts';
import {
  type About,
  type Delivery,
  type Facts,
  meets,
  type Stepped,
  type SwitchEffect,
  type SwitchState,
  stampIn,
} from '../state.ts';
import { type AgencyAnswer, agencyAnswers } from './agency-answers.ts';
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

/** Lets a scripted agency answer. Only questions are answered; whatever else reaches it is taken in silence. */
function toAgency(state: SwitchState, arrival: Arrival, destination: string): Stepped {
  const { request } = arrival;
  const agency = state.script.agencies.find((one) => one.ori === destination);
  const note: SwitchEffect = { type: 'note', code: 'RELAYED_TO_AGENCY', key: request.key };
  if (agency === undefined) return { state, effects: [] };
  if (request.key === 'YR') return { state, effects: [note] };
  let current = state;
  for (const [index, rule] of agency.rules.entries()) {
    const met = meets(current, rule.when, { facts: nletsFacts(request), place: `agency.${agency.ori}.${index}` });
    current = met.state;
    if (!met.held) continue;
    const effects: SwitchEffect[] = [note];
    for (const answer of rule.replies.flatMap((reply) => agencyAnswers(agency, request, reply))) {
      const about = answer.key === 'ER' ? 'error' : answer.key === 'SM' ? 'status' : 'agency-answer';
      const stepped = backToAsker(current, arrival, { ...answer, about });
      current = stepped.state;
      effects.push(...stepped.effects);
    }
    if (rule.replies.length === 0) effects.push({ type: 'note', code: 'AGENCY_SILENT', key: request.key });
    return { state: current, effects };
  }
  return { state: current, effects: [note, { type: 'note', code: 'AGENCY_SILENT', key: request.key }] };
}

const stateAnswers: Readonly<Record<string, string>> = { RQ: 'RR', RQG: 'RR', DQ: 'DR', DQG: 'DR' };

/** Answers RQ and DQ for a state by its code; a state that knows nothing of the key is said not to respond. */
function toState(state: SwitchState, arrival: Arrival, code: string): Stepped {
  const { request } = arrival;
  const control = request.control === undefined ? {} : { control: request.control };
  const key = stateAnswers[request.key];
  if (key === undefined) {
    const body = buildStatusBody('01', request.key, code);
    return backToAsker(state, arrival, { about: 'status', key: 'SM', sender: nletsOri, body, afterMs: 0, ...control });
  }
  const lines =
    key === 'RR'
      ? registrationLines(findRegistrations(state.registers, code, request.fields))
      : licenceLines(findLicences(state.registers, code, request.fields));
  const body = lines.length > 0 ? lines.join('\n') : stateWords.notOnFile;
  // The generic ORI of a state's licence plate file is xxLIC0000; that driver answers come from xxOLN0000 is recalled.
  const sender = `${code}${key === 'RR' ? 'LIC' : 'OLN'}0000`;
  return backToAsker(state, arrival, { about: 'network-answer', key, sender, body, afterMs: 0, ...control });
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
  if (state.script.agencies.some((agency) => agency.ori === destination)) return toAgency(state, arrival, destination);
  if (state.script.listeners.includes(destination)) {
    return { state, effects: [{ type: 'note', code: 'LISTENER_TOOK', key: arrival.request.key }] };
  }
  if (state.stations.has(destination)) return toStation(state, arrival, destination);
  return sendError(state, arrival, { number: '01', detail: `DESTINATION ${destination} NOT IN DIRECTORY` });
}
