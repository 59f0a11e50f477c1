import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bindings } from '../../src/terminal/keys.ts';
import type { FormScreen } from '../../src/terminal/model.ts';
import { Desk, refuses, supervisor } from './at-desk.ts';
import { askCase, digest, heldYq, inboundYr, storyStartMs } from './story-gateway.ts';

const keyNames = [...new Set(bindings.map((one) => one.key)), 'left', 'right', 'backspace', 'C-u', 'x', '7', ' ', 'é'];
const acts = [
  'accept',
  'release',
  'refuse',
  'withdraw',
  'resolve',
  'classify',
  'check',
  'contact',
  'answer',
  'draft',
  'close',
  'link',
];

function heldDesk(more: Parameters<typeof heldYq>[0] = {}): Desk {
  return new Desk({
    list: ({ box }) => ({ rows: box === 'held' ? [heldYq(more)] : [] }),
    show: () => heldYq(more),
  }).logOn();
}

const long = Array.from({ length: 80 }, (_unused, at) => `LINE ${at}`).join('\r\n');
const accepted = { operator: '1001', text: long, sha256: digest(long) };
const down = (count: number): string[] => Array<string>(count).fill('pagedown');

describe('laws of the keyboard', () => {
  test('no keys and no paste without F9, a, m, p, i can make the gateway do anything', () => {
    const harmless = keyNames.filter((name) => !['f9', 'a', 'm', 'p', 'i', 'f12'].includes(name));
    const happening = fc.oneof(
      fc.constantFrom(...harmless).map((name) => (desk: Desk) => desk.press(name)),
      fc.string().map((text) => (desk: Desk) => desk.take({ type: 'paste', text: `${text}\r\n` })),
    );
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
        const desk = heldDesk(accepted);
        desk.calls.length = 0;
        for (const happen of happenings) happen(desk);
        expect(desk.calls.map((call) => call.method).filter((method) => acts.includes(method))).toEqual([]);
      }),
    );
  });

  test('any keys at all leave a screen that can be drawn, and a log-on while nobody is logged on', () => {
    const happening = fc.oneof(
      fc.constantFrom(...keyNames).map((name) => (desk: Desk) => desk.press(name)),
      fc.constant((desk: Desk) =>
        desk.take({ type: 'link', link: { state: 'away', reason: 'Gone.', retryAtMs: null } }),
      ),
      fc.constant((desk: Desk) => desk.up()),
      fc.constant((desk: Desk) => desk.take({ type: 'said', notification: { name: 'resync', says: {} } })),
      fc
        .constantFrom(16, 24, 50)
        .map((rows) => (desk: Desk) => desk.take({ type: 'resize', size: { columns: 80, rows } })),
      fc.constantFrom(100, 4_000, 20_000).map((ms) => (desk: Desk) => desk.wait(ms)),
    );
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
        const desk = heldDesk(accepted);
        for (const happen of happenings) happen(desk);
        const lines = desk.text().split('\n');
        expect(lines).toHaveLength(desk.model.size.rows);
        if (desk.model.person === null) {
          expect(desk.model.stack.some((one) => one.kind === 'form' && one.purpose.kind === 'logon')).toBe(true);
        }
      }),
    );
  });

  test('nothing is bound to Shift with F1 to F4, and no key does two things on one screen', () => {
    expect(bindings.filter((one) => /^S-f[1-4]$/.test(one.key))).toEqual([]);
    const places = bindings.flatMap((one) => one.where.map((where) => `${where} ${one.key}`));
    const everywhere = bindings.filter((one) => one.where.includes('everywhere')).map((one) => one.key);
    expect(places.filter((place, at) => places.indexOf(place) !== at)).toEqual([]);
    expect(bindings.filter((one) => !one.where.includes('everywhere') && everywhere.includes(one.key))).toEqual([]);
  });

  test('the help sheet has every key of the table', () => {
    const sheet = new Desk({}, { columns: 80, rows: 200 }).logOn().press('f1').text();
    for (const one of bindings) {
      expect(sheet).toContain(one.shown);
      expect(sheet.replaceAll(/\s+/g, ' ')).toContain(one.help);
    }
  });
});

describe('release', () => {
  test('is refused here until the text was scrolled to its end, then carries digest, number and factor', () => {
    const desk = heldDesk(accepted).press('r').type('2001').press('tab').type('second').press('f9');
    expect(desk.called('release')).toEqual([]);
    expect(desk.text()).toContain('! NOT RELEASED. Read the text to its end first: PgDn.');
    desk.press(...down(20), 'f9');
    expect(desk.called('release').map((call) => call.params)).toEqual([
      { id: 'msg-1', sha256: digest(long), approver: { osn: '2001', factor: 'second' } },
    ]);
  });

  test('one line short of the end is not the end', () => {
    const desk = heldDesk(accepted).press('r', ...down(20));
    const form = desk.model.stack.at(-1) as FormScreen;
    const top = form.pane?.top ?? 0;
    const again = heldDesk(accepted).press('r').type('2001').press('tab').type('second');
    while (((again.model.stack.at(-1) as FormScreen).pane?.top ?? 0) + 10 < top) again.press('pagedown');
    const before = (again.model.stack.at(-1) as FormScreen).pane;
    expect(before?.top).toBeLessThan(top);
    expect(before?.wasRead).toBe(false);
  });

  test('a text that is wholly shown counts as read', () => {
    const short = heldDesk({ operator: '1001', text: 'SHORT', sha256: digest('SHORT') });
    expect(short.press('r').type('2001').press('tab').type('x').press('f9').called('release')).toHaveLength(1);
  });

  test('when the text changes meanwhile, it must be read again and the factor typed again', () => {
    const desk = heldDesk(accepted)
      .press('r', ...down(20))
      .type('2001')
      .press('tab')
      .type('second');
    const other = `${long}\r\nANOTHER`;
    desk.answers = { ...desk.answers, show: () => heldYq({ ...accepted, text: other, sha256: digest(other) }) };
    desk.take({ type: 'said', notification: { name: 'changed', says: { what: 'message', id: 'msg-1' } } });
    expect(desk.text()).toContain('THE TEXT HAS CHANGED');
    expect(desk.press('f9').called('release')).toEqual([]);
    desk.press(...down(20), 'f9');
    expect(desk.called('release')).toEqual([]);
    expect(desk.text()).toContain('Must be filled in.');
  });

  test('another message that arrives while the dialog is open never takes the place of its text', () => {
    const desk = heldDesk(accepted).press('enter');
    const otherText = 'YR.CO0990100.WY0990200.*GA00000002.TXT';
    const other = { ...heldYq(accepted), id: 'msg-2', text: otherText, sha256: digest(otherText) };
    // The other message is asked for first and comes last, as it can over a slow line.
    const { answers } = desk;
    desk.answers = { ...answers, show: undefined as never };
    desk.model = { ...desk.model, stack: [...desk.model.stack, { kind: 'message', id: 'msg-2', top: 0, opens: null }] };
    desk.take({ type: 'said', notification: { name: 'changed', says: { what: 'message', id: 'msg-2' } } }).wait(1_000);
    const asked = desk.called('show').findLast((call) => (call.params as { id: string }).id === 'msg-2');
    desk.answers = answers;
    desk.press('escape').press('r', ...down(20));
    const shown = desk.text();
    desk.take({ type: 'answered', token: asked?.token ?? -1, gives: other });
    expect(asked).toBeDefined();
    expect(desk.text()).toBe(shown);
    expect(desk.text()).not.toContain('GA00000002');
  });

  test('a wrong factor keeps the dialog and the number, and empties the factor', () => {
    const desk = heldDesk(accepted);
    desk.answers = { ...desk.answers, release: () => refuses('LOGON_REFUSED') };
    desk
      .press('r', ...down(20))
      .type('2001')
      .press('tab')
      .type('wrong')
      .press('f9');
    expect(desk.text()).toContain('! LOGON_REFUSED');
    expect(desk.text()).toMatch(/Supervisor number \(OSN\)\s+2001/);
    expect(JSON.stringify(desk.model.stack)).not.toContain('wrong');
  });

  test('no factor and no password is ever on the screen or kept after it was sent', () => {
    const desk = new Desk().up().status();
    desk.type('1001').press('enter').type('topsecret');
    expect(desk.text()).not.toContain('topsecret');
    desk.press('enter');
    expect(JSON.stringify(desk.model)).not.toContain('topsecret');
  });

  test('is not offered before the operator has accepted, and a is one key', () => {
    const desk = heldDesk().press('r');
    expect(desk.text()).toContain('must accept it first');
    expect(
      desk
        .press('A')
        .called('accept')
        .map((call) => call.params),
    ).toEqual([{ id: 'msg-1' }]);
  });

  test('a supervisor at a console of his own releases as himself', () => {
    const desk = new Desk({
      logon: () => supervisor,
      list: () => ({ rows: [heldYq(accepted)] }),
      show: () => heldYq(accepted),
    }).logOn();
    desk.press('r', ...down(20), 'f9');
    expect(desk.called('release').map((call) => call.params)).toEqual([{ id: 'msg-1', sha256: digest(long) }]);
  });

  test('refusing asks for a reason and every missing field is named at once', () => {
    const desk = heldDesk(accepted).press('x', 'f9');
    expect(desk.text().match(/Must be filled in\./g)).toHaveLength(3);
    desk.type('WRONG PERSON').press('tab').type('2001').press('tab').type('second').press('f9');
    expect(desk.called('refuse').map((call) => call.params)).toEqual([
      { id: 'msg-1', reason: 'WRONG PERSON', approver: { osn: '2001', factor: 'second' } },
    ]);
  });
});

describe('cases', () => {
  const proposal = { messageId: 'msg-2', proposed: 'confirmed', why: 'CON/Y.' } as const;
  const caseDesk = (more: Parameters<typeof askCase>[0]): Desk =>
    new Desk({ cases: () => ({ rows: [askCase(more)] }), case: () => askCase(more), show: () => inboundYr() })
      .logOn()
      .press('f5', 'enter');

  test('p accepts the class proposed with one key', () => {
    const desk = caseDesk({ proposal, messages: [inboundYr()] }).press('p');
    expect(desk.called('classify').map((call) => call.params)).toEqual([
      { caseId: 'case-1', messageId: 'msg-2', as: 'confirmed' },
    ]);
  });

  test('o gives it another class, beside the text of their answer', () => {
    const desk = caseDesk({ proposal, messages: [inboundYr()] }).press('o');
    expect(desk.text()).toContain('NAM/SAMPLE, PAT.CON/Y.REM/HOLD FOR US.');
    desk.type('u').press('f9');
    expect(desk.called('classify').map((call) => call.params)).toEqual([
      { caseId: 'case-1', messageId: 'msg-2', as: 'unclear' },
    ]);
  });

  test('a time named needs its time', () => {
    const desk = caseDesk({ proposal: { ...proposal, proposed: 'time-named' }, messages: [inboundYr()] });
    desk.press('p', 'f9');
    expect(desk.text()).toContain('CON/Y.REM/HOLD FOR US.');
    expect(desk.text()).toContain('Which time did they name?');
    desk.type('2026-11-21 05:30').press('f9');
    expect(desk.called('classify').map((call) => call.params)).toEqual([
      { caseId: 'case-1', messageId: 'msg-2', as: 'time-named', untilMs: Date.UTC(2026, 10, 21, 5, 30) },
    ]);
  });

  test('going from case to message and back for ever keeps the stack short', () => {
    const desk = caseDesk({ messages: [inboundYr()] });
    for (let round = 0; round < 20; round += 1) desk.press('1', 'c');
    expect(desk.model.stack.length).toBeLessThanOrEqual(3);
  });

  test('the source check sends what was looked at, and nothing is taken for granted', () => {
    const desk = caseDesk({ side: 'answer' }).press('s', 'f9');
    expect(desk.text().match(/Must be filled in\./g)).toHaveLength(4);
    desk.type('26-CR-1').press('tab', 'tab', 'tab', 'y', 'tab', 'n', 'tab').type('STATEWIDE').press('f9');
    expect(desk.called('check').map((call) => call.params)).toEqual([
      {
        caseId: 'case-1',
        check: {
          documentNumber: '26-CR-1',
          lookedBy: 'RECORD, ALEX 1001',
          lookedAtMs: storyStartMs,
          identityAgrees: true,
          stillOutstanding: false,
          terms: 'STATEWIDE',
        },
      },
    ]);
  });

  test('what was drafted is shown at once, and its faults at their fields', () => {
    const desk = caseDesk({ side: 'answer' });
    desk.answers = {
      ...desk.answers,
      answer: () => ({
        id: null,
        status: 'REJECTED',
        warnings: [],
        faults: [{ code: 'SOURCE_CHECK_MISSING', field: 'as', text: 'Check first.' }],
      }),
    };
    desk.press('y', 'right', 'f9');
    expect(desk.text()).toContain('    ! Check first.');
    desk.answers = {
      ...desk.answers,
      answer: () => ({ id: 'msg-7', status: 'HELD', warnings: [], faults: [] }),
      show: () => heldYq({ id: 'msg-7', key: 'YR' }),
    };
    desk.press('f9');
    expect(desk.text()).toContain('YR to WY0990200');
    expect(desk.called('answer').map((call) => call.params)).toEqual(
      Array(2).fill({ caseId: 'case-1', as: 'confirmed', remarks: '' }),
    );
  });
});

describe('a form', () => {
  test('drafts what is typed, and leaves out what has no place', () => {
    const desk = heldDesk().press('f7', 'y', 'q', 'enter').type('wy0990200').press('tab', 'tab', 'tab');
    desk
      .type('wp')
      .press('tab')
      .type('1')
      .press('tab')
      .type('u')
      .press('tab')
      .type('26-1')
      .press('tab')
      .type('w000000001');
    desk
      .press('tab')
      .type('sample, pat')
      .press('tab')
      .type('19800101')
      .press('tab', 'tab')
      .type('record')
      .press('tab')
      .type('pine ridge')
      .press('f9');
    expect(desk.called('draft').map((call) => call.params)).toEqual([
      {
        key: 'YQ',
        destinations: ['WY0990200'],
        fields: {
          RTY: ['WP'],
          RNO: ['1'],
          PRI: ['U'],
          OCA: ['26-1'],
          NIC: ['W000000001'],
          NAM: ['SAMPLE, PAT'],
          DOB: ['19800101'],
          RNA: ['RECORD'],
          RAG: ['PINE RIDGE'],
        },
      },
    ]);
  });

  test.each(['QH', 'QR', 'EW', 'LW', 'YQ', 'YR', 'EG', 'EA'])('there is one for %s, drawn from its table', (key) => {
    const desk = heldDesk().press('f7').type(key).press('enter');
    const form = desk.model.stack.at(-1);
    expect(form).toMatchObject({ kind: 'form', purpose: { kind: 'compose', key } });
    expect(desk.text()).toContain(`NEW ${key}`);
    expect((form as FormScreen).fields.length).toBeGreaterThan(4);
  });

  test('takes several values where the dictionary says so', () => {
    const desk = heldDesk().press('f7').type('QR').press('enter').type('123456AA7; 123456AA8;').press('f9');
    expect(desk.called('draft').map((call) => call.params)).toEqual([
      { key: 'QR', destinations: [], fields: { FBI: ['123456AA7', '123456AA8'] } },
    ]);
  });

  test('is kept while another list is looked at, and asks twice before it is thrown away', () => {
    const desk = heldDesk().press('f7', 'e', 'enter').type('SAMPLE, PAT').press('f6', 'f2', 'escape');
    expect(desk.text()).toContain('SAMPLE, PAT');
    expect(desk.press('escape').text()).toContain('Esc once more');
    expect(desk.wait(299).press('escape').text()).toContain('SAMPLE, PAT');
    expect(desk.wait(2).press('escape').text()).not.toContain('SAMPLE, PAT');
  });

  test('is kept when Esc is pressed twice in one breath, or again too late', () => {
    const desk = heldDesk().press('f7', 'e', 'enter').type('SAMPLE, PAT').press('escape', 'escape', 'escape');
    expect(desk.text()).toContain('SAMPLE, PAT');
    expect(desk.wait(3_001).press('escape').text()).toContain('SAMPLE, PAT');
  });

  test('neither takes a key nor a paste while its window is too small to be read', () => {
    const desk = heldDesk().press('f7', 'e', 'enter').type('SAMPLE');
    desk
      .take({ type: 'resize', size: { columns: 59, rows: 24 } })
      .type('X')
      .press('f9', 'escape', 'escape');
    desk.take({ type: 'paste', text: 'Y' });
    expect(desk.called('draft')).toEqual([]);
    expect(desk.text()).toContain('Keys are off');
    desk.take({ type: 'resize', size: { columns: 80, rows: 24 } });
    expect(desk.text()).toMatch(/name +SAMPLE /);
    desk.take({ type: 'resize', size: { columns: 80, rows: 15 } }).press('f10', 'f10');
    expect(desk.effects.at(-1)).toEqual({ type: 'leave' });
  });

  test('is kept over a lost link for the same person, and for nobody else', () => {
    const away = { type: 'link', link: { state: 'away', reason: 'Gone.', retryAtMs: null } } as const;
    const start = (): Desk => heldDesk().press('f7', 'e', 'enter').type('SAMPLE, PAT').take(away).up();
    expect(start().type('first').press('enter').text()).toContain('SAMPLE, PAT');
    const other = start();
    other.answers = { ...other.answers, logon: () => supervisor };
    expect(other.type('first').press('enter').text()).not.toContain('SAMPLE, PAT');
    expect(JSON.stringify(other.model.stack)).not.toContain('SAMPLE, PAT');
  });

  test('a pasted line end never acts and never enters a field', () => {
    const desk = heldDesk().press('f8').take({ type: 'paste', text: 'YQ\r\n\tX\u0000' });
    expect(desk.called('search')).toEqual([]);
    expect((desk.model.stack.at(-1) as FormScreen).fields[0]?.value).toBe('YQ X ');
  });
});
