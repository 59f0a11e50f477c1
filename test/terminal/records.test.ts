import { describe, expect, test } from 'vitest';
import type { MessageView, SealedSubject } from '../../src/console/contract.ts';
import { Desk } from './at-desk.ts';
import { heldYq, inboundYr, storyStartMs } from './story-gateway.ts';

function deskOn(view: MessageView, box: 'f2' | 'f4'): Desk {
  return new Desk({
    list: () => ({ rows: [view] }),
    show: () => view,
    free: () => ({ status: 'MATCHED' }),
    disseminate: () => ({ id: 'd-1', status: 'DISSEMINATED' }),
  })
    .logOn()
    .press(box, 'enter');
}

const quarantined = { status: 'QUARANTINED', reason: 'CONTRADICTS NIC' } as const;

describe('what came and contradicts its question', () => {
  test('is freed under the name of who is logged on, with a reason', () => {
    const desk = deskOn(inboundYr(quarantined), 'f2');
    expect(desk.text()).toContain('f frees it,');
    desk.press('f', 'right', 'tab').type('Their clerk mistyped it.').press('f9');
    expect(desk.called('free').map((call) => call.params)).toEqual([
      { id: 'msg-2', belongs: true, reason: 'Their clerk mistyped it.' },
    ]);
    expect(desk.text()).toContain('Freed: MATCHED.');
  });

  test('is still in quarantine when somebody has read it, and is linked to no case before it is freed', () => {
    const desk = deskOn(inboundYr({ ...quarantined, status: 'READ' }), 'f2').press('l');
    expect(desk.text()).toContain('It is in quarantine: free it first, f.');
    expect(desk.press('f').text()).toContain('FREE this message from quarantine');
  });

  test('is the only thing that is freed, and never without a reason', () => {
    expect(deskOn(inboundYr(), 'f2').press('f').text()).toContain('This message is not in quarantine.');
    const desk = deskOn(inboundYr(quarantined), 'f2').press('f', 'right', 'f9');
    expect(desk.called('free')).toEqual([]);
  });
});

describe('a criminal history', () => {
  const row = {
    id: 'GA00000001',
    kind: 'asked',
    atMs: storyStartMs,
    messageId: 'GA00000001',
    key: 'QH',
    operator: '1001',
    requestor: 'DET PRACTICE',
    receivingAgency: 'CO0990100',
    secondaryRecipient: '',
    purposeCode: 'C',
    subject: 'NAM/RECORD, SAMPLE',
    how: '',
    basis: '',
    verifiedBy: '',
    pages: null,
  } as const;
  const passed = { ...row, id: 'd-1', kind: 'disseminated', secondaryRecipient: 'CLERK; COURT', how: 'hand' } as const;
  const frame = {
    id: 'GA00000001/f-1',
    direction: 'out',
    atMs: storyStartMs,
    monoMs: 5,
    seq: 17,
    link: 'upstream-1',
    peer: '127.0.0.1:4000',
    local: '127.0.0.1:40001',
    exchangeId: 1,
    bytes: 96,
    sha256: '0'.repeat(64),
    duplicate: false,
  } as const;
  const view = heldYq({ id: 'GA00000001', key: 'QH', status: 'ACKED', iii: [row, passed], frames: [frame] });

  test('shows its purpose, on whose behalf it was asked, to whom it was given, and its frames', () => {
    const desk = deskOn(view, 'f4').press('end');
    expect(desk.text()).toContain('purpose C, for CO0990100; asked by 1001 on behalf of DET PRACTICE');
    expect(desk.text()).toContain('CLERK; COURT, by hand, entered by 1001');
    expect(desk.text()).toContain('no. 17, 96 bytes, 127.0.0.1:4000');
  });

  test('is entered as given to somebody, with everything an auditor asks for', () => {
    const desk = deskOn(view, 'f4').press('g').type('CLERK, SAMPLE').press('tab').type('SAGE COUNTY COURT');
    desk.press('tab', 'tab', 'right', 'tab').type('C').press('tab').type('28 CFR 20.33').press('tab');
    desk.type('Badge seen').press('tab').type('3').press('tab').type('Arraignment').press('f9');
    expect(desk.called('disseminate').map((call) => call.params)).toEqual([
      {
        messageId: 'GA00000001',
        recipient: { name: 'CLERK, SAMPLE', agency: 'SAGE COUNTY COURT' },
        how: 'hand',
        purpose: 'C',
        basis: '28 CFR 20.33',
        verifiedBy: 'Badge seen',
        pages: 3,
        reason: 'Arraignment',
      },
    ]);
  });
});

test('a look-up that finds a sealed subject says so, by the order that the gateway tells a custodian', () => {
  const sealed: SealedSubject = {
    id: 'sealed-1',
    status: 'STANDING',
    atMs: storyStartMs,
    by: '1001',
    subject: 'NAM/RECORD, SAMPLE',
    order: 'PR-2026-0001',
    reason: '',
    messageIds: ['GA00000001'],
    caseIds: [],
  };
  const desk = new Desk({ search: () => ({ rows: [], sealed: [sealed] }) }).logOn().press('f8');
  expect(desk.press('f9').text()).toContain('SEALED by PR-2026-0001');
});
