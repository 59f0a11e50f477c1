/**
 * Gateways and their Redis killed and wiped at random moments under load from twenty stations, an operator, a supervisor and
 * another agency; sometimes the switch's acknowledgements are held back. Every blow is dealt by the seed.
 */
import assert from 'node:assert/strict';
import { Stage } from '../scenarios/stage.ts';
import type { Torture } from './torture.ts';
import { dealBlows } from './town/blows.ts';

export async function run(torture: Torture): Promise<void> {
  await torture.attempt('killed between release and acknowledgement', () => killedInDoubt());
  await dealBlows(torture);
}

const listeners = { name: 'Listeners', stations: [{ oris: ['CO0990100', 'CO099013N'] }], listeners: ['WY0990300'] };
const urgent = [
  'YQ.CO099013N.WY0990300.*DT00000001.TXT',
  'RTY/WP.RNO/1.PRI/U.OCA/TC000001.NIC/W998000001.NAM/SAMPLE, SAM.DOB/19900303.SEX/M.',
  'RNA/DISPATCHER SAMPLE.RAG/PINE RIDGE COMMUNICATIONS.PHO/5550100113',
].join('\n');

async function killedInDoubt(): Promise<void> {
  const stage = await Stage.open({ script: listeners, laws: 'when asked' });
  try {
    await stage.upstreamUp();
    const held = await stage.requestHeld(urgent);
    stage.proxy.holdAnswers();
    await stage.acceptAndRelease(held.id);
    await stage.happens('the switch has it', () => (stage.receivedCount(held.id) === 1 ? true : undefined));
    await stage.killGateway();
    await stage.checkLaws();
    stage.proxy.letPass();
    await stage.startGateway();
    await stage.upstreamUp();
    await stage.message(held.id, (view) => view.status === 'IN_DOUBT');
    assert.equal(stage.receivedCount(held.id), 1);
    await stage.stopGateway();
    await stage.checkLaws();
  } finally {
    await stage.close();
  }
}
