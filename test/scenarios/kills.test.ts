import { afterEach, test } from 'vitest';
import { routineRequest } from '../../src/practice/dispatch-center.ts';
import { seededRandom } from '../seeded-random.ts';
import { Stage } from './stage.ts';

/** The gateway is killed with its work at ten moments, in an order that the seed gives; every law holds after each kill. */
const seed = Number(process.env['HITLINE_SEED'] ?? '20261121');
const script = {
  name: 'Sheriff',
  stations: [{ oris: ['CO0990100', 'CO099013N'] }],
  listeners: ['CO0990000', 'WY0990000'],
  agencies: [
    {
      ori: 'WY0990300',
      name: 'Sage County night desk',
      phone: '5550100123',
      rules: [{ when: { key: 'YQ' }, replies: [{ say: 'confirm', afterMs: 0 }] }],
    },
  ],
};

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

/** How far the work on one request goes before the kill; nothing of the last step is waited for. */
const moments = [
  'sending to the gateway',
  'told that it is held',
  'accepting',
  'accepted',
  'releasing',
  'released',
  'reaching the switch',
  'acknowledged',
  'accepting the class',
  'answered',
] as const;

/** Whatever a call that was under way when the gateway died gives, it gives it to nobody. */
const unheard = (work: Promise<unknown>): void => void work.catch(() => undefined);

async function workUntil(on: Stage, moment: (typeof moments)[number], number: number): Promise<void> {
  const upTo = moments.indexOf(moment);
  const text = routineRequest.replace('DISP000002', `DISP1${String(number).padStart(5, '0')}`);
  if (upTo === 0) return unheard((await on.dispatch()).send(text));
  const { id, caseId } = await on.requestHeld(text);
  if (upTo === 1) return;
  const coj = await on.coj();
  if (upTo === 2) return unheard(coj.call('accept', { id }));
  await coj.call('accept', { id });
  if (upTo === 3) return;
  const { sha256 } = await coj.call('show', { id });
  const approver = { osn: on.supervisor.osn, factor: on.supervisor.password };
  const release = coj.call('release', { id, sha256, approver });
  if (upTo === 4) return unheard(release);
  await release;
  if (upTo === 5) return;
  await on.happens('the switch has it', () => (on.receivedCount(id) > 0 ? true : undefined));
  if (upTo === 6) return;
  await on.message(id, (view) => view.status !== 'SENT' && view.status !== 'QUEUED');
  if (upTo === 7) return;
  const { proposal } = await on.case(caseId, (view) => view.proposal !== null);
  const classified = coj.call('classify', { caseId, messageId: proposal?.messageId ?? '', as: 'confirmed' });
  if (upTo === 8) return unheard(classified);
  await classified;
}

test('killed with its work at ten moments, two at a time, it loses nothing it acknowledged and sends nothing twice', async () => {
  const random = seededRandom(seed);
  const order = [...moments].map((moment) => ({ moment, rank: random.next() })).sort((a, b) => a.rank - b.rank);
  stage = await Stage.open({ script });
  await stage.upstreamUp();
  for (let life = 0; life < order.length; life += 2) {
    const now = order.slice(life, life + 2);
    // One after the other, so that the first has gone as far as it was told when the second is cut off.
    for (const [nth, { moment }] of now.entries()) await workUntil(stage, moment, life + nth);
    await stage.killGateway().catch((error: unknown) => {
      throw new Error(`killed at "${now.map((one) => one.moment).join('" and "')}", seed ${seed}: ${String(error)}`);
    });
    await stage.startGateway();
  }
  // Whatever was under way is now in doubt, held or done, and the line still works.
  await stage.upstreamUp();
  await workUntil(stage, 'answered', order.length);
  await stage.stopGateway();
});
