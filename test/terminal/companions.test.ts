import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MessageView } from '../../src/console/contract.ts';
import type { FormScreen } from '../../src/terminal/model.ts';
import { Desk, supervisor } from './at-desk.ts';
import { digest, heldYq, qualityNote } from './story-gateway.ts';

const note = qualityNote();
const third = (more: Partial<MessageView> = {}): MessageView =>
  heldYq({ operator: '1001', companions: [note], ...more });
const down = (count: number): string[] => Array<string>(count).fill('pagedown');

/** A supervisor at his own console, before the release of this message. */
function releasing(view: MessageView): Desk {
  const rows = [view];
  return new Desk({ logon: () => supervisor, list: () => ({ rows }), show: () => view }).logOn().press('r');
}

/** The same desk once the gateway has news of the message. */
function withNews(desk: Desk, view: MessageView): Desk {
  desk.answers = { ...desk.answers, show: () => view };
  return desk
    .take({ type: 'said', notification: { name: 'changed', says: { what: 'message', id: view.id } } })
    .wait(1_000);
}

const released = (desk: Desk): unknown[] => desk.called('release').map((call) => call.params);
const paneOf = (desk: Desk): FormScreen['pane'] => (desk.model.stack.at(-1) as FormScreen).pane;

describe('what goes with a message', () => {
  test('is never released before the last line of every text was on the screen, and then all of it is named', () => {
    const companions = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }).map((counts) =>
      counts.map((count, at) => {
        const text = Array.from({ length: count }, (_unused, row) => `NOTE ${at} LINE ${row}`).join('\r\n');
        return { id: `000000002${at}`, text, sha256: digest(text) };
      }),
    );
    fc.assert(
      fc.property(companions, fc.constantFrom(16, 24, 43), (all, rows) => {
        const view = third({ companions: all });
        const desk = releasing(view).take({ type: 'resize', size: { columns: 80, rows } });
        const seen = new Set(desk.text().split('\n'));
        for (let press = 0; press < 200 && paneOf(desk)?.wasRead === false; press += 1) {
          expect(released(desk.press('f9'))).toEqual([]);
          expect(desk.text()).toContain('NOT RELEASED. Read every text to the end first: PgDn.');
          for (const one of desk.press('pagedown').text().split('\n')) seen.add(one);
        }
        const lines = all.flatMap((one) => [
          `THE EXACT TEXT OF ${one.id}, RELEASED WITH IT`,
          ...one.text.split('\r\n'),
        ]);
        const exact = [...seen].map((one) => one.replace('│ ', '').replace('␍␊', ''));
        expect(lines.filter((one) => !exact.includes(one))).toEqual([]);
        expect(released(desk.press('f9'))).toEqual([
          { id: 'msg-1', sha256: view.sha256, also: all.map(({ id, sha256 }) => ({ id, sha256 })) },
        ]);
      }),
      { numRuns: 40 },
    );
  });

  test('the end of the message’s own text alone is not the end', () => {
    const long = Array.from({ length: 30 }, (_unused, row) => `LINE ${row}`).join('\r\n');
    const desk = releasing(third({ companions: [qualityNote(long)] }));
    while (!desk.text().includes('── END OF TEXT ──')) desk.press('pagedown');
    expect(released(desk.press('f9'))).toEqual([]);
    expect(released(desk.press(...down(20), 'f9'))).toHaveLength(1);
  });

  test('is shown in its exact text, control characters as pictures', () => {
    const desk = releasing(third({ companions: [qualityNote('AM.X\u001b[2J\r\nEND')] })).take({
      type: 'resize',
      size: { columns: 80, rows: 60 },
    });
    expect(desk.text()).toContain('AM.X␛[2J␍␊');
    expect(desk.text()).toContain('+ 1 WITH IT');
  });

  test('must be read again when its own text changes meanwhile, and the new digest is sent', () => {
    const desk = releasing(third()).press(...down(20));
    const other = qualityNote(`${note.text}ANOTHER LINE`);
    withNews(desk, third({ companions: [other] }));
    expect(desk.text()).toContain('THE TEXT HAS CHANGED: read it again.');
    expect(released(desk.press('f9'))).toEqual([]);
    desk.press(...down(20), 'f9');
    expect(released(desk)).toMatchObject([{ also: [{ id: note.id, sha256: other.sha256 }] }]);
  });

  test.each<[string, MessageView, MessageView, boolean]>([
    ['is added', third({ companions: [] }), third(), true],
    ['was taken back', third(), third({ companions: [] }), false],
  ])('that %s while the dialog is open makes it be read again', (_words, before, after, hasAlso) => {
    const desk = withNews(releasing(before).press(...down(20)), after);
    expect(desk.text()).toContain('THE TEXT HAS CHANGED: read it again.');
    const [params] = released(desk.press(...down(20), 'f9'));
    expect(Object.hasOwn(params as object, 'also')).toBe(hasAlso);
  });

  test('is not passed over line by line when faults make the pane smaller', () => {
    const long = Array.from({ length: 60 }, (_unused, row) => `LINE ${row}`).join('\r\n');
    const view = third();
    const desk = new Desk({ list: () => ({ rows: [view] }), show: () => view }).logOn();
    desk.press('r', ...down(20), 'f9');
    expect(desk.text().match(/Must be filled in\./g)).toHaveLength(2);
    let shown = withNews(desk, third({ companions: [qualityNote(long)] })).text();
    for (const key of down(20)) shown += desk.press(key).text();
    expect(long.split('\r\n').filter((one) => !new RegExp(`│ ${one}\\b`).test(shown))).toEqual([]);
  });

  test('is not said to have changed when the very release is what ended the hold', () => {
    const desk = releasing(third()).press(...down(20), 'f9');
    const { companions: _companions, ...rest } = third({ status: 'QUEUED' });
    expect(withNews(desk, rest).text()).not.toContain('HAS CHANGED');
  });

  test('is named and shown on the message itself, and nothing is where there is none', () => {
    const shown = (view: MessageView): string => {
      const desk = new Desk({ list: () => ({ rows: [view] }), show: () => view }).logOn().press('enter');
      return desk.text({ columns: 80, rows: 60 });
    };
    expect(shown(third())).toContain('WITH IT     0000000014 goes with it and is released in the same act.');
    expect(shown(third())).toContain('AM.CO0990100.DC0990000.*0000000014.TXT␍␊');
    expect(shown(heldYq())).not.toContain('WITH IT');
    expect(shown(third({ companions: [] }))).not.toContain('WITH IT');
  });
});
