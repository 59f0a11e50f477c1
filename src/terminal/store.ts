/** What the screen fetches, when, and where the answers go. A thing is never asked for twice at once. */
import type { CaseView, Gives, MessageView } from '../console/contract.ts';
import { federalLexicon } from '../formats/lexicon.ts';
import { stateLexicon } from '../formats/states/state-profile.ts';
import {
  andThen,
  ask,
  type CallEffect,
  type Heard,
  type Model,
  only,
  type Resource,
  type Screen,
  type Step,
} from './model.ts';

/** How many rows a list asks for. */
export const rowsMax = 200;

const lists = ['inbound', 'held', 'sent'] as const;

function isSame(a: Resource, b: Resource): boolean {
  return a.what === b.what && ('id' in a ? a.id : '') === ('id' in b ? b.id : '');
}

function callFor(model: Model, resource: Resource): Pick<CallEffect, 'method' | 'params'> {
  switch (resource.what) {
    case 'status':
      return { method: 'status', params: {} };
    case 'language':
      return { method: 'language', params: {} };
    case 'alarms':
      return { method: 'alarms', params: {} };
    case 'cases':
      return { method: 'cases', params: { open: !model.withClosed, limit: rowsMax } };
    case 'message':
      return { method: 'show', params: { id: resource.id } };
    case 'case':
      return { method: 'case', params: { id: resource.id } };
    default:
      return { method: 'list', params: { box: resource.what, limit: rowsMax } };
  }
}

/** Fetches a thing; when it is being fetched already, once more after that, since what comes may be older than the news. */
export function load(model: Model, resource: Resource): Step {
  // How the gateway stands may be asked before anybody has logged on, so that the log-on screen never shows old news.
  if (model.link.state !== 'up' || (model.person === null && resource.what !== 'status')) return only(model);
  for (const [token, pending] of Object.entries(model.pending)) {
    if (pending.kind !== 'load' || !isSame(pending.resource, resource)) continue;
    return only({ ...model, pending: { ...model.pending, [Number(token)]: { ...pending, again: true } } });
  }
  const call = callFor(model, resource);
  return ask(
    model,
    { kind: 'load', resource, again: false },
    call as { method: 'status'; params: Record<string, never> },
  );
}

/** Fetches several things. */
export function loadAll(model: Model, resources: readonly Resource[]): Step {
  return resources.reduce<Step>((step, resource) => andThen(step, (now) => load(now, resource)), only(model));
}

/** What the screens of the stack show, by message and case. */
function openThings(stack: readonly Screen[]): Resource[] {
  return stack.flatMap((screen): Resource[] => {
    if (screen.kind === 'message') return [{ what: 'message', id: screen.id }];
    if (screen.kind === 'case') return [{ what: 'case', id: screen.id }];
    if (screen.kind !== 'form') return [];
    if (screen.purpose.kind === 'release' || screen.purpose.kind === 'refuse')
      return [{ what: 'message', id: screen.purpose.id }];
    return 'caseId' in screen.purpose && screen.purpose.caseId !== null
      ? [{ what: 'case', id: screen.purpose.caseId }]
      : [];
  });
}

/** Everything there is to fetch. */
function everything(model: Model): readonly Resource[] {
  return [
    { what: 'status' },
    ...lists.map((what): Resource => ({ what })),
    { what: 'cases' },
    { what: 'alarms' },
    ...openThings(model.stack),
  ];
}

/** Fetches everything now: after a log-on. */
export function loadEverything(model: Model): Step {
  return loadAll(model, [{ what: 'language' }, ...everything(model)]);
}

/** News may come faster than a gateway lets a screen ask: what it makes old is fetched at most this often. */
const refreshEveryMs = 500;

/** Marks things as old, and fetches them when their turn has come; `freshen` does it later otherwise. */
export function makeOld(model: Model, resources: readonly Resource[]): Step {
  const added = resources.filter((one) => !model.stale.some((other) => isSame(one, other)));
  return freshen({ ...model, stale: [...model.stale, ...added] });
}

/** Fetches what is old, once its turn has come. */
export function freshen(model: Model): Step {
  if (model.stale.length === 0 || model.nowMs - model.refreshedMs < refreshEveryMs) return only(model);
  return loadAll({ ...model, stale: [], refreshedMs: model.nowMs }, model.stale);
}

/** Takes news in: what may look different now becomes old. */
export function hear(model: Model, heard: Heard): Step {
  switch (heard.name) {
    case 'resync':
      return makeOld(model, everything(model));
    case 'status':
      return only(withStatus(model, heard.says));
    case 'alarm': {
      const alarms = [heard.says, ...model.alarms.filter((one) => one.id !== heard.says.id)];
      const rings = heard.says.level === 'notice' ? [] : [{ type: 'bell' } as const];
      return andThen({ model: { ...model, alarms: loudestFirst(alarms) }, effects: rings }, (now) =>
        makeOld(now, [{ what: 'alarms' }]),
      );
    }
    case 'changed': {
      if (heard.says.what === 'status') return makeOld(model, [{ what: 'status' }]);
      if (heard.says.what === 'alarm') return makeOld(model, [{ what: 'alarms' }, { what: 'status' }]);
      // A message and its case change together, and the news of the one may come without the other's.
      return makeOld(
        model,
        everything(model).filter((one) => one.what !== 'alarms'),
      );
    }
  }
}

/** Takes a status in, and sets this screen's idea of the gateway's clock by it. */
export function withStatus(model: Model, status: Gives<'status'>): Model {
  return { ...model, status, statusAtMs: model.nowMs, offsetMs: status.nowMs - model.nowMs };
}

/** Lays the State's tables over the federal ones, for the forms that are opened from now on. */
function withLanguage(model: Model, profile: Gives<'language'>['stateProfile']): Model {
  if (profile === null) return { ...model, lexicon: federalLexicon, stateKeys: [] };
  return { ...model, lexicon: stateLexicon(profile), stateKeys: profile.keys.map((row) => row.key) };
}

/** Puts what was fetched where it belongs; the schema of its call has checked its shape. */
export function keep(model: Model, resource: Resource, gives: unknown): Model {
  switch (resource.what) {
    case 'status':
      return withStatus(model, gives as Gives<'status'>);
    case 'language':
      return withLanguage(model, (gives as Gives<'language'>).stateProfile);
    case 'alarms':
      return { ...model, alarms: loudestFirst((gives as Gives<'alarms'>).rows) };
    case 'cases':
      return { ...model, cases: dueFirst((gives as Gives<'cases'>).rows) };
    case 'message':
      return { ...model, messages: newest(model.messages, resource.id, gives as MessageView) };
    case 'case':
      return { ...model, caseViews: newest(model.caseViews, resource.id, gives as CaseView) };
    default:
      return { ...model, [resource.what]: (gives as Gives<'list'>).rows };
  }
}

/** How many messages and cases are kept that have been looked at. */
const viewsMax = 60;

/** The views with this one put last; the oldest go. */
function newest<V>(views: Readonly<Record<string, V>>, id: string, view: V): Readonly<Record<string, V>> {
  const others = Object.entries(views).filter(([other]) => other !== id);
  return Object.fromEntries([...others.slice(-viewsMax + 1), [id, view]]);
}

function loudestFirst(rows: Gives<'alarms'>['rows']): Gives<'alarms'>['rows'] {
  const rank = { urgent: 0, warning: 1, notice: 2 } as const;
  return rows.toSorted((a, b) => rank[a.level] - rank[b.level] || b.atMs - a.atMs);
}

/** Open cases first, the one due soonest on top. */
function dueFirst(rows: Gives<'cases'>['rows']): Gives<'cases'>['rows'] {
  const dueOf = (row: Gives<'cases'>['rows'][number]): number =>
    row.status === 'closed' ? Number.MAX_VALUE : (row.dueAtMs ?? (row.stoppedAtMs === null ? 1e299 : 1e300));
  return rows.toSorted((a, b) => dueOf(a) - dueOf(b) || b.createdAtMs - a.createdAtMs);
}
