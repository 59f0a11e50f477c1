import { expect, test } from 'vitest';
import { readStateProfile } from '../../src/formats/states/state-profile.ts';
import { Desk } from './at-desk.ts';

const sure = { provenance: 'verified', source: 'S' };
const keyRow = (key: string, title: string) => ({
  key,
  line: 'state',
  title,
  family: 'local',
  action: 'enter',
  class: 'record',
  form: 'coded',
  fields: [{ code: 'BUL', need: 'must' }],
  ...sure,
});
const field = { code: 'BUL', name: 'Number of the bulletin', max: 6, class: 'num', sensitive: false, ...sure };
const profileOf = (keys: readonly object[]) =>
  readStateProfile({ state: 'CO', title: 'A State', version: 1, keys, fields: [field] });

function deskWith(keys: readonly object[] | null): Desk {
  const stateProfile = keys === null ? null : profileOf(keys);
  const desk = new Desk({ language: () => ({ stateProfile }) });
  return desk.up().type('1001').press('tab').type('word').press('enter');
}

test('the State’s own keys are offered beside the usual ones, and their forms are drawn from its tables', () => {
  const desk = deskWith([keyRow('ECP', 'Enter local bulletin')]);
  desk.press('f7');
  expect(desk.text()).toContain('ECP   Enter local bulletin');
  desk.press('e', 'c', 'enter');
  expect(desk.text()).toContain('Number of the bulletin');
});

test('without a profile the menu has the usual keys alone', () => {
  const desk = deskWith(null);
  desk.press('f7');
  expect(desk.text()).toContain('QH');
  expect(desk.text()).not.toContain('ECP');
});

test('a key that has no form here opens none, and certainly not the one that is marked', () => {
  const desk = deskWith([keyRow('EWX', 'Enter local warrant')]);
  desk.press('f7').type('qw');
  expect(desk.text()).toContain('QW');
  desk.press('enter');
  expect(desk.text()).toContain('QW: no form for this key here. Choose one.');
  expect(desk.text()).toContain('NEW MESSAGE');
  desk.type('cw').press('backspace', 'backspace').type('ew').press('enter');
  expect(desk.text()).toContain('NEW EW');
  desk.press('esc', 'f7').type('ewx').press('enter');
  expect(desk.text()).toContain('NEW EWX');
  desk.press('esc', 'f7').type('ewlw').press('enter');
  expect(desk.text()).toContain('NEW LW');
});

test('a menu longer than the screen moves along with the mark', () => {
  const many = Array.from({ length: 40 }, (_unused, at) => keyRow(`E${String(at).padStart(2, '0')}`, `Local ${at}`));
  const desk = deskWith(many);
  desk.press('f7', ...Array.from({ length: 47 }, () => 'down'));
  expect(desk.text()).toContain('E39   Local 39');
  expect(desk.text().split('\n').length).toBeLessThanOrEqual(25);
});
