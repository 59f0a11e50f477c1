import { describe, expect, test } from 'vitest';
import type { CaseView } from '../../src/console/contract.ts';
import { Desk, refuses } from './at-desk.ts';
import { askCase, heldYq, storyStartMs } from './story-gateway.ts';

const phase = 'NOT DELIVERED - TELEPHONE THE AGENCY';
const contacted = 'CONTACTED BY TELEPHONE - DOCUMENT IT';

function caseDesk(more: Partial<CaseView> = {}): Desk {
  const view = askCase({ phase, startedAtMs: storyStartMs, dueAtMs: storyStartMs + 600_000, ...more });
  return new Desk({ cases: () => ({ rows: [view] }), case: () => view, show: () => heldYq() })
    .logOn()
    .press('f5', 'enter');
}

/** Fills the form as far as what was said. */
function calls(desk: Desk): Desk {
  return desk
    .press('t')
    .type('RECORD, KIM')
    .press('tab')
    .type('555-0142')
    .press('tab', 'tab')
    .type('They will answer by YR.');
}

const foot = (desk: Desk): string => desk.text().split('\n')[22] ?? '';
const next = (desk: Desk): string =>
  /NEXT {8}([\s\S]*?)\n(?! {12})/.exec(desk.text())?.[1]?.replaceAll(/\s+/g, ' ') ?? 'no NEXT';

describe('a request that was not delivered', () => {
  test('says in NEXT and at the foot that the call is to be made and recorded', () => {
    expect(next(caseDesk())).toContain('telephone them now, then record the call: t.');
    expect(foot(caseDesk())).toContain('t Telephone');
  });

  test('comes before a request that is held anew, which NEXT names too', () => {
    const words = next(caseDesk({ messages: [heldYq({ status: 'ACKED' }), heldYq({ id: 'msg-5' })] }));
    expect(words).toContain('record the call: t.');
    expect(words).toContain('Our YQ is drafted and held too (2).');
  });

  test.each<[string, Partial<CaseView>]>([
    ['whose clock runs', { phase: 'CLOCK RUNNING' }],
    ['whose call is on file', { phase: contacted }],
    ['that they asked', { side: 'answer' }],
    ['that is closed', { status: 'closed' }],
  ])('is not what a case is %s: no call is asked for', (_words, more) => {
    const desk = caseDesk(more);
    expect(desk.text()).not.toContain('record the call');
    expect(foot(desk)).not.toContain('Telephone');
  });
});

describe('the telephone call', () => {
  test('goes to the gateway with who, number, when and what was said', () => {
    const desk = calls(caseDesk()).press('f9');
    expect(desk.called('contact').map((call) => call.params)).toEqual([
      {
        caseId: 'case-1',
        contact: { who: 'RECORD, KIM', number: '555-0142', atMs: storyStartMs, said: 'They will answer by YR.' },
      },
    ]);
  });

  test('takes the moment that is typed, and refuses one that is none', () => {
    const at = (moment: string): Desk => calls(caseDesk()).press('S-tab', 'C-u').type(moment).press('f9');
    expect(at('noon').called('contact')).toEqual([]);
    expect(at('noon').text()).toContain('Write it as YYYY-MM-DD HH:MM');
    expect(at('02:50').called('contact')).toMatchObject([
      { params: { contact: { atMs: Date.UTC(2026, 10, 21, 2, 50) } } },
    ]);
  });

  test('is never half on file: every missing part is named at once', () => {
    const desk = caseDesk().press('t', 'f9');
    expect(desk.text().match(/Must be filled in\./g)).toHaveLength(3);
    expect(desk.called('contact')).toEqual([]);
  });

  test('once recorded shows the case again, fetched anew with its lists', () => {
    const desk = caseDesk();
    desk.answers = {
      ...desk.answers,
      contact: () => ({ status: contacted }),
      case: () => askCase({ phase: contacted, messages: [heldYq({ status: 'ACKED' }), heldYq({ id: 'msg-5' })] }),
    };
    calls(desk);
    desk.calls.length = 0;
    desk.press('f9');
    expect(desk.text()).toContain(`Telephone call recorded: ${contacted}.`);
    expect(next(desk)).toContain('Our YQ is drafted and held; open it (2)');
    expect(desk.calls.map((call) => call.method)).toEqual(expect.arrayContaining(['case', 'cases', 'list', 'status']));
  });

  test('that the gateway does not take keeps what was typed', () => {
    const desk = caseDesk();
    desk.answers = { ...desk.answers, contact: () => refuses('ALREADY_DONE') };
    calls(desk).press('f9');
    expect(desk.text()).toContain('! ALREADY_DONE');
    expect(desk.text()).toContain('They will answer by YR.');
  });

  test('can be written down while something else is looked at', () => {
    expect(calls(caseDesk()).press('f2', 'escape').text()).toContain('They will answer by YR.');
  });

  test('of a case that does not say it is missing is left to the gateway, with a warning', () => {
    const desk = caseDesk({ phase: 'CLOCK RUNNING' }).press('t');
    expect(desk.text()).toContain('the gateway may not take one');
    expect(desk.text()).toContain('Whom you spoke to');
  });

  test.each<[string, Partial<CaseView>, string]>([
    ['they asked', { side: 'answer' }, 'They asked in this case'],
    ['is closed', { status: 'closed' }, 'This case is closed.'],
  ])('has no form in a case that %s', (_words, more, said) => {
    const desk = caseDesk(more).press('t');
    expect(desk.text()).toContain(said);
    expect(desk.model.stack.at(-1)?.kind).toBe('case');
  });
});
