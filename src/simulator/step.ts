/** The simulated switch as a pure machine: what came, and what goes out because of it. */
import { answerNcic, ncicFacts, purge } from './answers.ts';
import { nletsFacts, relayNlets } from './nlets/nlets-relay.ts';
import { buildNletsOutput, nextSeq } from './nlets/nlets-text.ts';
import { trailerLines } from './nlets/trailer.ts';
import type { SwitchRequest } from './requests.ts';
import type { Script, Unsolicited } from './script.ts';
import {
  type Delivery,
  type Facts,
  meets,
  type Stepped,
  type SwitchEffect,
  type SwitchEvent,
  type SwitchState,
  stampIn,
  stationsMax,
} from './state.ts';

type NletsSent = Extract<Unsolicited, { nlets: object }>['nlets'];
type BroadcastSent = Extract<Unsolicited, { broadcast: object }>['broadcast'];

const noFacts: Facts = { key: '', from: '', to: [], nics: [] };

/** What a script's conditions look at in a message, whatever its form. */
export function factsOf(request: SwitchRequest): Facts {
  if (request.kind === 'nlets') return nletsFacts(request);
  return request.kind === 'ncic' ? ncicFacts(request) : noFacts;
}

/** Arms every moment whose condition this event meets and that has not happened often enough. */
function armMoments(state: SwitchState, kind: 'opened' | 'received' | 'accepted', facts: Facts): Stepped {
  let current = state;
  const effects: SwitchEffect[] = [];
  for (const [index, moment] of state.script.moments.entries()) {
    const condition = moment.when;
    const matcher =
      condition === 'opened' ? undefined : 'received' in condition ? condition.received : condition.accepted;
    const wanted = condition === 'opened' ? 'opened' : 'received' in condition ? 'received' : 'accepted';
    if (wanted !== kind) continue;
    const met = meets(current, matcher, { facts, place: `moments.${index}` });
    current = met.state;
    const place = `moments.${index}.times`;
    const times = current.matched[place] ?? 0;
    if (!met.held || times >= moment.times) continue;
    current = { ...current, matched: { ...current.matched, [place]: times + 1 } };
    effects.push({ type: 'later', afterMs: moment.afterMs, event: { type: 'moment', index } });
  }
  return { state: current, effects };
}

/** Runs one step after another, carrying the state on. */
function chain(state: SwitchState, steps: readonly ((state: SwitchState) => Stepped)[]): Stepped {
  let current = state;
  const effects: SwitchEffect[] = [];
  for (const step of steps) {
    const stepped = step(current);
    current = stepped.state;
    effects.push(...stepped.effects);
  }
  return { state: current, effects };
}

function withStation(state: SwitchState, ori: string): SwitchState {
  if (state.stations.has(ori) || state.stations.size >= stationsMax) return state;
  return { ...state, stations: new Set([...state.stations, ori]) };
}

function onReceived(state: SwitchState, event: SwitchEvent & { type: 'received' }, nowMs: number): Stepped {
  const { request } = event;
  if (request.kind === 'unreadable') {
    const heard = request.ori === undefined ? state : withStation(state, request.ori);
    return { state: heard, effects: [{ type: 'note', code: 'UNREADABLE', key: '' }] };
  }
  const heard = withStation(state, request.ori);
  const answer = (current: SwitchState): Stepped =>
    request.kind === 'nlets'
      ? relayNlets(current, { request, linkId: event.linkId, nowMs })
      : answerNcic(current, { request, linkId: event.linkId, nowMs });
  // What is over by now is gone before the question looks for it.
  return chain(heard, [
    (current) => purge(current, {}, nowMs),
    answer,
    (current) => armMoments(current, 'received', factsOf(request)),
  ]);
}

const newlines: Readonly<Record<NonNullable<Script['newline']>, string>> = {
  lf: '\n',
  crlf: '\r\n',
  crlfdel: '\r\n\x7f',
};

/** Counts what left to an ORI. Those that are not remembered as stations always count as the first. */
function countedOut(state: SwitchState, to: string, seq: number): SwitchState['outSeq'] {
  const known = to in state.outSeq || Object.keys(state.outSeq).length < stationsMax;
  return known ? { ...state.outSeq, [to]: seq } : state.outSeq;
}

/** Puts in stamps, counters, trailer and line ends, and hands the text over to be sent. */
function onDue(state: SwitchState, delivery: Delivery, nowMs: number): Stepped {
  const outSeq = nextSeq(state.outSeq[delivery.to] ?? 0);
  const counted: SwitchState = {
    ...state,
    outSeq: countedOut(state, delivery.to, outSeq),
    reference: state.reference + 1,
  };
  const body =
    delivery.form === 'plain' ? delivery.text : buildNletsOutput({ ...delivery, sent: { atMs: nowMs, seq: outSeq } });
  const trailer = state.script.trailer
    ? trailerLines({ reference: counted.reference, inSeq: state.systemSeq, outSeq, station: delivery.to, nowMs })
    : [];
  const text = delivery.prefix + [body, ...trailer].join('\n').replaceAll('\n', newlines[state.script.newline ?? 'lf']);
  const facts: Facts = {
    key: delivery.key,
    from: delivery.form === 'nlets' ? delivery.sender : '',
    to: [delivery.to],
    nics: delivery.nic === undefined ? [] : [delivery.nic],
  };
  const { about, key, to, linkId } = delivery;
  return { state: counted, effects: [{ type: 'send', about, key, to, linkId, text, facts }] };
}

function nletsUnsolicited(state: SwitchState, sent: NletsSent, nowMs: number): Stepped {
  const madeControls = state.madeControls + (sent.control === 'auto' ? 1 : 0);
  const made = `${sent.from.slice(0, 2)}${String(madeControls).padStart(8, '0')}`;
  const control = sent.control === 'auto' ? made : sent.control === 'none' ? undefined : sent.control;
  const elements = Object.entries(sent.fields ?? {}).map(([code, value]) => `${code}/${value}`);
  const body = elements.length > 0 ? elements.join('.') : (sent.text ?? '');
  const counted = stampIn({ ...state, madeControls }, nowMs);
  const deliveries = sent.to.map(
    (to): Delivery => ({
      form: 'nlets',
      about: 'unsolicited',
      key: sent.key,
      sender: sent.from,
      to,
      prefix: '',
      control,
      body,
      received: counted.stamp,
      nic: sent.fields?.['NIC'],
    }),
  );
  return chain(
    counted.state,
    deliveries.map((delivery) => (current) => onDue(current, delivery, nowMs)),
  );
}

function broadcast(state: SwitchState, sent: BroadcastSent, nowMs: number): Stepped {
  const effects: SwitchEffect[] = [];
  let current = state;
  for (let copy = 0; copy < sent.count; copy += 1) {
    const counted = stampIn(current, nowMs + copy * sent.everyMs);
    current = counted.state;
    for (const to of state.stations) {
      const delivery: Delivery = {
        form: 'nlets',
        about: 'unsolicited',
        key: sent.key,
        sender: sent.from,
        to,
        prefix: '',
        body: sent.text,
        received: counted.stamp,
      };
      effects.push({ type: 'later', afterMs: copy * sent.everyMs, event: { type: 'due', delivery } });
    }
  }
  return { state: current, effects };
}

function sendUnsolicited(state: SwitchState, sent: Unsolicited, nowMs: number): Stepped {
  if ('nlets' in sent) return nletsUnsolicited(state, sent.nlets, nowMs);
  if ('broadcast' in sent) return broadcast(state, sent.broadcast, nowMs);
  if ('gap' in sent) {
    const { to, by } = sent.gap;
    return { state: { ...state, outSeq: { ...state.outSeq, [to]: (state.outSeq[to] ?? 0) + by } }, effects: [] };
  }
  if ('purge' in sent) return purge(state, { nic: sent.purge.nic }, nowMs);
  if ('close' in sent) return { state, effects: [{ type: 'close', to: sent.close.to }] };
  if ('clockJump' in sent) return { state, effects: [{ type: 'clock-jump', byMs: sent.clockJump.byMs }] };
  const base = { form: 'plain', about: 'unsolicited', key: '', prefix: '' } as const;
  if ('raw' in sent) return onDue(state, { ...base, to: sent.raw.to, text: sent.raw.text }, nowMs);
  const text = [sent.ncic.header, sent.ncic.to, '', sent.ncic.text].join('\n');
  return onDue(state, { ...base, key: '$', to: sent.ncic.to, text }, nowMs);
}

/**
 * One step of the switch: takes an event at `nowMs` (wall clock of the switch) and gives the next state and what is to be
 * done. It never throws, whatever the text.
 */
export function stepSwitch(state: SwitchState, event: SwitchEvent, nowMs: number): Stepped {
  switch (event.type) {
    case 'opened':
      return armMoments(state, 'opened', noFacts);
    case 'received':
      return onReceived(state, event, nowMs);
    case 'accepted':
      return armMoments(state, 'accepted', event.facts);
    case 'due':
      return onDue(state, event.delivery, nowMs);
    case 'moment': {
      const sends = state.script.moments[event.index]?.send ?? [];
      return chain(
        state,
        sends.map((sent) => (current) => sendUnsolicited(current, sent, nowMs)),
      );
    }
  }
}
