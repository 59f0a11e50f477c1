import { expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { dial, openDoor } from '../line.ts';

test('a door turns away whom it does not know and whoever comes past its cap', async () => {
  const refused: string[] = [];
  let letIn = false;
  const at = await openDoor({ allow: () => letIn, linksMax: 2, onRefused: (_peer, reason) => refused.push(reason) });
  await expect(dial(at)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
  letIn = true;
  await dial(at);
  await dial(at);
  await expect(dial(at)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
  expect(refused).toEqual(['PEER_REFUSED', 'LINKS_FULL']);
  expect(at.links.size).toBe(2);
});

test('a door gives one peer no more links than one may have, and another of them when one is closed', async () => {
  const refused: string[] = [];
  let who = 'mad';
  const perPeer = { nameOf: () => who, linksMax: 2 };
  const at = await openDoor({ perPeer, onRefused: (_peer, reason) => refused.push(reason) });
  const first = await dial(at);
  await dial(at);
  await expect(dial(at)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
  expect(refused).toEqual(['PEER_LINKS_FULL']);
  // Others come in all the while.
  who = 'another';
  await dial(at);
  who = 'mad';
  await first.close();
  await until(() => at.links.size === 2, 'the door knows that one is closed');
  await dial(at);
  expect(at.links.size).toBe(3);
});
