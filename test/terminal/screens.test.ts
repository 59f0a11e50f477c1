import { describe, expect, test } from 'vitest';
import type { AlarmView, CaseView, MessageView } from '../../src/console/contract.ts';
import { present } from '../../src/terminal/present.ts';
import { Desk, kept, refuses } from './at-desk.ts';
import { askCase, heldYq, inboundYr, qualityNote, statusAt, storyStartMs } from './story-gateway.ts';

const longText = `EW.CO0990100.${Array.from({ length: 60 }, (_unused, at) => `REM/LINE ${at + 1}`).join('.\r\n')}`;
const answerCase = (more: Partial<CaseView> = {}): CaseView =>
  askCase({
    id: 'case-2',
    side: 'answer',
    phase: 'ANSWER DUE',
    startedAtMs: storyStartMs - 120_000,
    dueAtMs: storyStartMs + 480_000,
    messages: [inboundYr({ id: 'msg-9', key: 'YQ', verdict: 'READ IT' })],
    sourceDocument: 'SAGE COUNTY COURT\nWARRANT 26-CR-000001\nRECORD, JAMIE\n',
    timeline: [{ atMs: storyStartMs - 120_000, what: 'OPENED', actor: 'system', note: 'their YQ came' }],
    ...more,
  });
/** Request 3, accepted, and what goes with it. */
const thirdRequest = (): MessageView => heldYq({ operator: '1001', changes: [], companions: [qualityNote()] });
/** Our request came back: the other agency does not have it. */
const undelivered = (): CaseView =>
  askCase({
    phase: 'NOT DELIVERED - TELEPHONE THE AGENCY',
    startedAtMs: storyStartMs - 60_000,
    dueAtMs: storyStartMs + 540_000,
    messages: [heldYq({ status: 'ACKED', operator: '1001', approver: '2001' })],
  });
const alarm: AlarmView = {
  id: 'alarm-1',
  level: 'urgent',
  code: 'YQ_RECEIVED_URGENT',
  text: 'URGENT hit confirmation request received: 10 minutes to answer.',
  atMs: storyStartMs,
  caseId: 'case-2',
};

/** A desk that knows one held message, two cases and an alarm, logged on. */
function busyDesk(more: { held?: MessageView; hitCase?: CaseView } = {}): Desk {
  const held = more.held ?? heldYq();
  const hitCase = more.hitCase ?? answerCase();
  return new Desk({
    list: ({ box }) => ({ rows: box === 'held' ? [held] : box === 'inbound' ? [inboundYr()] : [] }),
    show: ({ id }) => (id === 'msg-2' ? inboundYr() : held),
    cases: () => ({
      rows: [
        askCase({
          startedAtMs: storyStartMs - 900_000,
          dueAtMs: storyStartMs - 300_000,
          overdue: true,
          phase: 'REQUEST 1 LAPSED',
        }),
        hitCase,
      ],
    }),
    case: () => hitCase,
    alarms: () => ({ rows: [alarm] }),
  }).logOn();
}

const drawings: Readonly<Record<string, () => Desk>> = {
  'log-on': () => {
    const desk = new Desk();
    desk.model = {
      ...desk.model,
      banner: ['Practice credentials, made for this start:', 'operator 1001 password first'],
    };
    return desk.up().status({ operator: null, approverPresent: false });
  },
  disconnected: () =>
    new Desk().take({
      type: 'link',
      link: { state: 'away', reason: 'The gateway cannot be reached.', retryAtMs: 3_000 },
    }),
  held: () => busyDesk(),
  inbound: () => busyDesk().press('f2'),
  cases: () => busyDesk().press('f5'),
  alarms: () => busyDesk().press('f6'),
  'message-held': () => busyDesk().press('enter'),
  'message-in': () => busyDesk().press('f2', 'enter'),
  'message-faults': () =>
    busyDesk({
      held: heldYq({
        draftText: 'YQ.AS TYPED\u0000\u001b[2J',
        faults: [
          { code: 'X', field: 'RNO', text: 'Must be 1, 2 or 3.' },
          { code: 'X', text: 'A fault of the whole.' },
        ],
      }),
    }).press('enter'),
  release: () => busyDesk({ held: heldYq({ operator: '1001', text: longText }) }).press('r'),
  'release-read': () =>
    busyDesk({ held: heldYq({ operator: '1001', text: longText }) })
      .press('r', ...Array<string>(8).fill('pagedown'))
      .type('2001')
      .press('tab')
      .type('xx'),
  'message-with-companion': () => busyDesk({ held: thirdRequest() }).press('enter'),
  'release-with-companion': () => busyDesk({ held: thirdRequest() }).press('r', ...Array<string>(8).fill('pagedown')),
  refuse: () => busyDesk({ held: heldYq({ operator: '1001' }) }).press('x'),
  'case-answer': () => busyDesk().press('f6', 'enter'),
  'case-proposal': () =>
    busyDesk({
      hitCase: askCase({
        startedAtMs: storyStartMs - 60_000,
        dueAtMs: storyStartMs + 540_000,
        phase: 'CLOCK RUNNING',
        messages: [heldYq({ status: 'ACKED' }), inboundYr()],
        proposal: { messageId: 'msg-2', proposed: 'not-confirmed', why: 'CON/N in an answer with our control field.' },
      }),
    }).press('f6', 'enter'),
  'source-check': () => busyDesk().press('f6', 'enter', 's', 'tab', 'tab', 'tab', 'y'),
  'case-telephone': () => busyDesk({ hitCase: undelivered() }).press('f6', 'enter'),
  telephone: () =>
    busyDesk({ hitCase: undelivered() }).press('f6', 'enter', 't').type('RECORD, KIM').press('tab').type('555-0142'),
  answer: () => busyDesk().press('f6', 'enter', 'y', 'right'),
  'new-message': () => busyDesk().press('f7', 'y'),
  'form-yq': () => busyDesk().press('f7', 'y', 'enter').type('WY0990200').press('tab', 'tab', 'tab').type('wp'),
  'form-ew': () => busyDesk().press('f7', 'e', 'enter', 'down', 'm'),
  'form-faults': () => {
    const desk = busyDesk();
    desk.answers = {
      ...desk.answers,
      draft: () => ({
        id: null,
        status: 'REJECTED',
        faults: [
          { code: 'X', field: 'RNO', text: 'Must be 1, 2 or 3.' },
          { code: 'X', field: 'NIC', text: 'A letter and nine digits.' },
          { code: 'X', text: 'One of NAM, LIC or SER must be there.' },
        ],
        warnings: [],
      }),
    };
    desk.press('f7', 'y', 'enter').type('WY0990200').press('tab', 'tab', 'tab');
    return desk
      .type('WP')
      .press('tab')
      .type('9')
      .press('tab')
      .type('U')
      .press('tab')
      .type('26-1')
      .press('tab')
      .type('W1')
      .press('tab')
      .type('SAMPLE, PAT')
      .press('tab')
      .type('19800101')
      .press('tab', 'tab')
      .type('RECORD')
      .press('tab')
      .type('PINE RIDGE')
      .press('f9');
  },
  search: () => busyDesk().press('f8').type('yq').press('tab', 'tab', 'tab'),
  found: () => {
    const desk = busyDesk();
    desk.answers = {
      ...desk.answers,
      search: () => ({ rows: [inboundYr({ verdict: 'HIT' }), heldYq({ status: 'ACKED' })] }),
    };
    return desk.press('f8').type('YQ').press('f9');
  },
  resolve: () => busyDesk({ held: heldYq({ status: 'IN_DOUBT' }) }).press('enter', 'd', 'right', 'right'),
  help: () => busyDesk().press('f1'),
};

describe('every screen looks as drawn', () => {
  test.each(Object.keys(drawings))('%s at 80 by 24', (name) => {
    const drawn = drawings[name]?.().drawn() ?? '';
    expect(drawn).toBe(kept(name, drawn));
  });

  test.each(['held', 'message-held', 'release', 'case-answer', 'form-ew'])('%s at 132 by 43', (name) => {
    const desk = drawings[name]?.() ?? new Desk();
    const drawn = desk.take({ type: 'resize', size: { columns: 132, rows: 43 } }).drawn();
    expect(drawn).toBe(kept(`${name}-132x43`, drawn));
  });
});

describe('whatever is on the screen', () => {
  const sizes = [
    { columns: 80, rows: 24 },
    { columns: 60, rows: 16 },
    { columns: 20, rows: 5 },
    { columns: 200, rows: 60 },
  ];
  test.each(Object.keys(drawings))(
    '%s fills every cell exactly, at every size, and its cursor is on the screen',
    (name) => {
      for (const size of sizes) {
        const desk = drawings[name]?.() ?? new Desk();
        const frame = present(desk.take({ type: 'resize', size }).model);
        expect(frame.lines.map((spans) => spans.reduce((sum, one) => sum + one.text.length, 0))).toEqual(
          Array(size.rows).fill(size.columns),
        );
        if (frame.cursor !== null) {
          expect(frame.cursor.row).toBeLessThan(size.rows);
          expect(frame.cursor.column).toBeLessThan(size.columns);
        }
      }
    },
  );

  test.each(Object.keys(drawings))('%s holds no control character', (name) => {
    expect(drawings[name]?.().text().replaceAll('\n', '')).not.toMatch(
      /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u,
    );
  });

  test.each(Object.keys(drawings).filter((name) => name !== 'disconnected'))(
    '%s says PRACTICE, who, where, and the line to the switch',
    (name) => {
      const [who = '', state = ''] = drawings[name]?.().text().split('\n') ?? [];
      expect(who).toMatch(/^ PRACTICE {2}(1001 RECORD, ALEX|NOBODY LOGGED ON) at COJ1/);
      expect(state).toMatch(/^SWITCH up {2}TIMER in-process {2}HELD 1/);
    },
  );

  test('a screen that is not practice never says so', () => {
    const desk = new Desk().up().status({ practice: false });
    expect(desk.text()).not.toContain('PRACTICE');
  });
});

describe('why you cannot type', () => {
  const why = (desk: Desk): string => desk.text().split('\n')[2] ?? '';
  test('disconnected, and when the next try comes', () => {
    const desk = new Desk().take({
      type: 'link',
      link: { state: 'away', reason: 'The gateway cannot be reached.', retryAtMs: 5_000 },
    });
    expect(why(desk.wait(2_000))).toBe('CANNOT SEND: The gateway cannot be reached. Next try in 0:03.');
  });
  test('not logged on, nobody to approve, nobody at the COJ, and what the gateway adds', () => {
    const desk = new Desk().up().status({ operator: null, approverPresent: false, notices: ['LEDGER FAILED'] });
    expect(why(desk)).toBe('NOT LOGGED ON · NO APPROVER · NO OPERATOR · LEDGER FAILED');
  });
  test('waiting for the gateway, and for how long', () => {
    const desk = new Desk().up().status();
    desk.answers = {};
    desk.type('1001').press('enter').type('first').press('enter').wait(4_000);
    expect(why(desk)).toBe('CANNOT TYPE: waiting for the gateway for 4 s …');
    expect(desk.type('x').called('logon')).toHaveLength(1);
  });
  test('the switch is down: said beside the person, with its reason', () => {
    const desk = new Desk().up().status({ upstream: { state: 'down', sinceMs: 0, text: 'no heartbeat' } });
    expect(desk.text().split('\n')[1]).toContain('SWITCH DOWN (no heartbeat)');
  });
});

describe('words that must never be misread', () => {
  test.each(['HIT', 'hit', 'POSSIBLE HIT', 'HIT – CONFIRMED'])(
    'a verdict of %s is shown as possible and unconfirmed',
    (verdict) => {
      const desk = new Desk({ list: ({ box }) => ({ rows: box === 'inbound' ? [inboundYr({ verdict })] : [] }) })
        .logOn()
        .press('f2');
      expect(desk.text({ columns: 120, rows: 24 })).toContain('POSSIBLE HIT – UNCONFIRMED');
    },
  );
  test('not confirmed always says DO NOT ACT ON THIS RECORD', () => {
    const desk = new Desk({ cases: () => ({ rows: [askCase({ phase: 'NOT CONFIRMED' })] }) }).logOn().press('f5');
    expect(desk.text({ columns: 120, rows: 24 })).toContain('DO NOT ACT ON THIS RECORD');
  });
  test('a refusal is shown, and an unknown code in its own words', () => {
    const desk = new Desk({ accept: () => refuses('NOT_AT_COJ'), list: () => ({ rows: [heldYq()] }) })
      .logOn()
      .press('a');
    expect(desk.text()).toContain('! NOT_AT_COJ');
  });
  test('peer text with every control character is painted as pictures, and bidirectional and wide ones as ◇', () => {
    const nasty = `${String.fromCharCode(...Array.from({ length: 32 }, (_unused, code) => code))}\u007f\u009b31m\u202eX\u{1f600}漢`;
    const desk = new Desk({
      list: () => ({ rows: [heldYq()] }),
      show: () => heldYq({ text: nasty, peerOri: '\u001b[2J', effect: nasty, changes: [nasty] }),
    });
    const shown = desk
      .logOn()
      .press('enter')
      .take({ type: 'resize', size: { columns: 120, rows: 60 } })
      .text();
    expect(shown).toContain('␀␁␂␃␄␅␆␇␈␉␊');
    expect(shown).toContain('␛␜␝␞␟␡◇31m◇X◇◇');
    expect(shown.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/u);
  });
});

describe('the running clock', () => {
  const desk = (dueInMs: number): Desk =>
    new Desk({
      status: () => statusAt(storyStartMs),
      cases: () => ({ rows: [askCase({ startedAtMs: storyStartMs, dueAtMs: storyStartMs + dueInMs })] }),
    }).logOn();
  test('counts down by the gateway’s clock, whatever this machine’s clock says', () => {
    const shown = desk(600_000).wait(19_000).text();
    // The status that came back at the tenth second said the story's start again, so nine seconds have gone since.
    expect(shown).toContain('THEY OWE WY0990200 10:00');
    expect(desk(600_000).wait(9_000).text()).toContain('THEY OWE WY0990200 9:51');
  });
  test('says OVERDUE and by how much from its moment on, never before', () => {
    expect(desk(5_000).wait(4_999).text()).toContain('THEY OWE WY0990200 0:01');
    expect(desk(5_000).wait(5_000).text()).toContain('OVERDUE 0:00');
    expect(desk(5_000).wait(8_000).text()).toContain('OVERDUE 0:03');
  });
  test('a clock to a time that was named runs on after the first has stopped', () => {
    const row = askCase({ startedAtMs: storyStartMs, stoppedAtMs: storyStartMs, dueAtMs: storyStartMs + 3_600_000 });
    const shown = new Desk({ cases: () => ({ rows: [row] }) }).logOn().wait(1_000).press('f5').text();
    expect(shown).toContain('THEY OWE WY0990200 FOLLOW-UP 59:59');
  });
  test('a stopped clock with nothing due is stopped', () => {
    const row = askCase({ startedAtMs: storyStartMs, stoppedAtMs: storyStartMs });
    const shown = new Desk({ cases: () => ({ rows: [row] }) }).logOn().press('f5').text();
    expect(shown).toContain('no clock runs');
    expect(shown).toMatch(/> +stopped /);
  });
  test('runs on while the gateway is away', () => {
    const away = desk(600_000).take({ type: 'link', link: { state: 'away', reason: 'Gone.', retryAtMs: null } });
    expect(away.wait(60_000).text()).toContain('THEY OWE WY0990200 9:00');
  });
});
