/**
 * The three stories without a screen or a person: the same doors over TCP as the screen uses, one JSON line a step. Any
 * step that does not happen ends the telling with its reason.
 */
import { type ConsoleClient, connectConsole } from '../console/client.ts';
import type { CaseView, MessageRow } from '../console/contract.ts';
import { systemClock } from '../host/clock.ts';
import { routineRequest, urgentRequest } from './dispatch-center.ts';
import { type Practice, startPractice } from './practice.ts';
import { makeTeller, StoryFailed, type Teller } from './teller.ts';
import { type Credential, cojId, type PracticeSettings, routineMs, supervisorConsoleId } from './world.ts';

export { StoryFailed } from './teller.ts';

interface Stage {
  readonly practice: Practice;
  readonly coj: ConsoleClient;
  readonly second: ConsoleClient;
  readonly operator: Credential;
  readonly supervisor: Credential;
  readonly print: (line: string) => void;
  readonly afterStep: () => Promise<void>;
}

/** Tells all three stories. Resolves when every step happened; throws StoryFailed, or what failed, otherwise. */
export async function tellStories(options: {
  readonly print: (line: string) => void;
  readonly redis?: PracticeSettings['redis'];
  /** How fast the others act: 1 as the script says, 0.1 ten times as fast. */
  readonly pace?: number;
  /** Called after every step, before the next: a scenario checks every law here. */
  readonly afterStep?: (practice: Practice) => Promise<void>;
  /** Ends the telling early, as a failure, once it resolves. */
  readonly stop?: Promise<void>;
}): Promise<void> {
  const practice = await startPractice({
    confirmRoutineMs: routineMs.headless,
    redis: options.redis ?? { mode: 'auto' },
  });
  const clients: ConsoleClient[] = [];
  try {
    const [operator, supervisor] = practice.credentials;
    if (operator === undefined || supervisor === undefined) throw new StoryFailed('no credentials');
    const open = (consoleId: string): ConsoleClient => {
      const client = connectConsole({
        url: practice.consoleUrl,
        consoleId,
        clock: systemClock,
        client: 'headless practice',
      });
      clients.push(client);
      return client;
    };
    const stage: Stage = {
      practice,
      coj: open(cojId),
      second: open(supervisorConsoleId),
      operator,
      supervisor,
      print: options.print,
      afterStep: () => options.afterStep?.(practice) ?? Promise.resolve(),
    };
    const stopped = options.stop?.then(() => {
      throw new StoryFailed('it was told to end');
    });
    const told = tellAll(stage);
    // When it was told to end, what then breaks off under it is no news.
    told.catch(() => undefined);
    await (stopped === undefined ? told : Promise.race([told, stopped]));
  } finally {
    for (const client of clients) await client.close();
    await practice.close();
  }
}

/** One story as it is told. */
interface Scene {
  readonly stage: Stage;
  readonly teller: Teller;
}

async function tellAll(stage: Stage): Promise<void> {
  await setUp(stage);
  await askStory(stage);
  await answerStory(stage);
  await lapseStory(stage);
  await lookUp(stage);
}

function tellerOf(stage: Stage, story: string): Teller {
  return makeTeller({ story, console: stage.coj, clock: systemClock, print: stage.print, afterStep: stage.afterStep });
}

async function setUp(stage: Stage): Promise<void> {
  const teller = tellerOf(stage, 'set-up');
  for (const client of [stage.coj, stage.second]) {
    await teller.until('a console connects', () => (client.state().state === 'up' ? true : undefined));
  }
  await stage.coj.call('logon', { osn: stage.operator.osn, password: stage.operator.password });
  await stage.second.call('logon', { osn: stage.supervisor.osn, password: stage.supervisor.password });
  const status = await teller.until('the upstream is up', async () => {
    const now = await stage.coj.call('status', {});
    return now.upstream.state === 'up' ? now : undefined;
  });
  await teller.say('the practice system stands', {
    scheduler: status.scheduler.kind,
    schedulerText: status.scheduler.text,
  });
}

async function heldFor({ stage, teller }: Scene, fits: (row: MessageRow) => boolean): Promise<MessageRow> {
  return teller.until('a message is held', async () =>
    (await stage.coj.call('list', { box: 'held', limit: 50 })).rows.find(fits),
  );
}

async function statusBecomes({ stage, teller }: Scene, id: string, wanted: readonly string[]): Promise<MessageRow> {
  return teller.until(`message becomes ${wanted.join(' or ')}`, async () => {
    const row = await stage.coj.call('show', { id });
    return wanted.includes(row.status) ? row : undefined;
  });
}

async function caseBecomes({ stage, teller }: Scene, id: string, fits: (view: CaseView) => boolean): Promise<CaseView> {
  return teller.until('the case moves on', async () => {
    const view = await stage.coj.call('case', { id });
    return fits(view) ? view : undefined;
  });
}

function caseOf(row: { readonly caseId?: string | undefined }): string {
  if (row.caseId === undefined) throw new StoryFailed('the message belongs to no case');
  return row.caseId;
}

/** The operator accepts; the supervisor, over the operator's shoulder, releases exactly the text that was shown. */
async function acceptAndRelease({ stage, teller }: Scene, id: string): Promise<void> {
  await stage.coj.call('accept', { id });
  await teller.say('the operator accepted it', { id });
  const shown = await stage.coj.call('show', { id });
  const approver = { osn: stage.supervisor.osn, factor: stage.supervisor.password };
  await stage.coj.call('release', { id, sha256: shown.sha256, approver });
  await teller.say('a supervisor released it over the shoulder', { id, sha256: shown.sha256 });
}

async function askStory(stage: Stage): Promise<void> {
  const teller = tellerOf(stage, 'our request is confirmed');
  const scene = { stage, teller };
  const outcome = await stage.practice.dispatch.send(urgentRequest);
  if (outcome.type !== 'acked') throw new StoryFailed(`the gateway did not take the request: ${outcome.type}`);
  await teller.say('dispatch sent an urgent YQ and the gateway has it on file');
  const held = await heldFor(scene, (row) => row.key === 'YQ' && row.priority === 'U');
  const caseId = caseOf(held);
  await teller.until('dispatch is told that it is held', () =>
    stage.practice.dispatch.received.find((text) => text.startsWith('HITLINE.HELD')),
  );
  await teller.say('it is held for approval', { id: held.id, case: caseId });
  await acceptAndRelease(scene, held.id);
  await statusBecomes(scene, held.id, ['ACKED', 'ANSWERED']);
  const running = await caseBecomes(scene, caseId, (view) => view.startedAtMs !== null);
  await teller.say('it was sent and acknowledged; the 10-minute clock runs', {
    dueInMs: (running.dueAtMs ?? 0) - (running.startedAtMs ?? 0),
  });
  const proposed = await caseBecomes(scene, caseId, (view) => view.proposal !== null);
  const proposal = proposed.proposal;
  if (proposal === null) throw new StoryFailed('no class was proposed');
  await teller.say('the answer came and its class is proposed', { class: proposal.proposed });
  await stage.coj.call('classify', { caseId, messageId: proposal.messageId, as: proposal.proposed });
  const stopped = await caseBecomes(scene, caseId, (view) => view.stoppedAtMs !== null);
  const answer = await stage.coj.call('show', { id: proposal.messageId });
  if (stopped.stoppedAtMs !== answer.createdAtMs) throw new StoryFailed('the clock did not stop as of the receipt');
  await teller.say('the operator accepted the class; the clock stopped as of the receipt', { phase: stopped.phase });
  await teller.until('dispatch gets the answer', () =>
    stage.practice.dispatch.received.find((text) => text.includes('*DISP000001') && text.startsWith('YR')),
  );
  await teller.say('dispatch has the answer under its own control field');
}

async function answerStory(stage: Stage): Promise<void> {
  const teller = tellerOf(stage, 'their request is answered');
  const scene = { stage, teller };
  const opened = await teller.until('their urgent YQ comes in', async () =>
    (await stage.coj.call('cases', { open: true, limit: 50 })).rows.find((row) => row.side === 'answer'),
  );
  const alarms = (await stage.coj.call('alarms', {})).rows.filter((row) => row.caseId === opened.id);
  if (alarms.length === 0) throw new StoryFailed('no alarm was raised');
  await teller.say('their urgent YQ came in with an alarm; our 10-minute clock runs', {
    case: opened.id,
    dueInMs: (opened.dueAtMs ?? 0) - (opened.startedAtMs ?? 0),
  });
  const view = await stage.coj.call('case', { id: opened.id });
  if (view.sourceDocument === null) throw new StoryFailed('the source document is not on file');
  const refusal = await stage.coj
    .call('answer', { caseId: opened.id, as: 'confirmed', remarks: '' })
    .then(() => undefined)
    .catch((error: unknown) => (error as { code?: string }).code);
  if (refusal !== 'SOURCE_CHECK_MISSING') throw new StoryFailed('"confirmed" could be drafted without a check');
  await teller.say('"confirmed" cannot be drafted before the source document was checked');
  await stage.coj.call('check', {
    caseId: opened.id,
    check: {
      documentNumber: 'PRW0001',
      lookedBy: stage.operator.name,
      lookedAtMs: systemClock.wallMs(),
      identityAgrees: true,
      stillOutstanding: true,
      terms: 'FULL EXTRADITION',
    },
  });
  await teller.say('the operator checked the warrant and recorded it');
  const drafted = await stage.coj.call('answer', { caseId: opened.id, as: 'confirmed', remarks: 'WILL EXTRADITE' });
  if (drafted.id === null)
    throw new StoryFailed(`the answer has faults: ${drafted.faults.map((one) => one.code).join(', ')}`);
  await teller.say('the answer is drafted and held', { id: drafted.id });
  await acceptAndRelease(scene, drafted.id);
  const closed = await caseBecomes(scene, opened.id, (one) => one.status === 'closed');
  await teller.say('the switch acknowledged the answer and the case is closed', { phase: closed.phase });
}

async function lapseStory(stage: Stage): Promise<void> {
  const teller = tellerOf(stage, 'nobody answers');
  const scene = { stage, teller };
  const outcome = await stage.practice.dispatch.send(routineRequest);
  if (outcome.type !== 'acked') throw new StoryFailed(`the gateway did not take the request: ${outcome.type}`);
  const held = await heldFor(scene, (row) => row.key === 'YQ' && row.priority === 'R');
  const caseId = caseOf(held);
  // This time the operator accepts at the COJ and the supervisor releases at a console of her own.
  await stage.coj.call('accept', { id: held.id });
  const shown = await stage.second.call('show', { id: held.id });
  await stage.second.call('release', { id: held.id, sha256: shown.sha256 });
  await statusBecomes(scene, held.id, ['ACKED']);
  const running = await caseBecomes(scene, caseId, (view) => view.dueAtMs !== null);
  await teller.say('a routine YQ was sent to a desk that never answers', {
    clockMs: (running.dueAtMs ?? 0) - (running.startedAtMs ?? 0),
    shortened: true,
  });
  const next = await heldFor(scene, (row) => row.caseId === caseId && row.id !== held.id);
  const lapsed = await stage.coj.call('case', { id: caseId });
  const text = (await stage.coj.call('show', { id: next.id })).text;
  if (!text.includes('RNO/2') || !text.includes('CO0990000') || !text.includes('WY0990000'))
    throw new StoryFailed('request 2 lacks its copies');
  await teller.say('the clock lapsed: request 2 stands drafted and held with its copies', {
    id: next.id,
    phase: lapsed.phase,
  });
  const asked = stage.practice.simulator.events.filter(
    (event) => event.type === 'received' && event.text.includes('W990000003'),
  );
  if (asked.length !== 1) throw new StoryFailed(`the switch saw ${asked.length} requests instead of 1`);
  await teller.say('nothing was sent by itself', { requestsSeenBySwitch: asked.length });
}

async function lookUp(stage: Stage): Promise<void> {
  const teller = tellerOf(stage, 'the ledger');
  const found = (await stage.coj.call('search', { nic: 'W990000002', limit: 50 })).rows;
  const keys = found.map((row) => row.key);
  if (!keys.includes('YQ') || !keys.includes('YR')) throw new StoryFailed('the exchange is not found in the ledger');
  const report = await stage.practice.gateway.ledger.verify();
  if (!report.ok) throw new StoryFailed('the ledger does not verify');
  await teller.say('the whole exchange is found, and the chain verifies', {
    found: found.length,
    events: report.eventCount,
  });
}
