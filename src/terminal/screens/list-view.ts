/** The lists: what came, what is held, what left, cases with their clocks, alarms. */
import type { AlarmView, CaseRow } from '../../console/contract.ts';
import { fitted, type Line, line, pictures, span, wrap } from '../frame.ts';
import { listRows, markedIndex, type Row, rowsOf } from '../listing.ts';
import { type Box, gatewayNowMs, type ListScreen, type Model } from '../model.ts';
import { clockOf, phaseOf, timeOf, toneOf } from '../words.ts';
import { messageSpans } from './parts.ts';

const titles: Readonly<Record<Box, { readonly title: string; readonly empty: string }>> = {
  inbound: { title: 'IN – what came', empty: 'Nothing has come in.' },
  held: { title: 'HELD – waits for approval, nothing here has left', empty: 'Nothing is held.' },
  sent: { title: 'SENT – what left or is about to', empty: 'Nothing has been sent.' },
  cases: { title: 'CASES – hit confirmations and their clocks', empty: 'No case is open.' },
  alarms: { title: 'ALARMS – not silenced', empty: 'No alarm stands.' },
  results: { title: 'FOUND in the ledger', empty: 'Nothing was found.' },
};

const messageHead = '    time         other end key  priority state        says, or asked>accepted>released';
const heads: Readonly<Record<Box, string>> = {
  inbound: messageHead,
  held: messageHead,
  sent: messageHead,
  results: messageHead,
  cases: '    clock           other end NIC        priority req   state',
  alarms: '    time     level    what',
};

function caseSpans(model: Model, row: CaseRow): Line {
  const clock = clockOf(row, gatewayNowMs(model));
  const phase = phaseOf(row.phase);
  return [
    span(row.overdue && row.status === 'open' ? '! ' : '  ', 'alarm'),
    span(clock.text.padEnd(16), clock.tone),
    span(`${pictures(row.peerOri).padEnd(9)} ${pictures(row.nic).padEnd(10)} `),
    span((row.priority === 'U' ? 'URGENT' : 'routine').padEnd(9), row.priority === 'U' ? 'bad' : 'plain'),
    span(`${row.requestNumber}  ${row.side === 'ask' ? 'we ask ' : 'THEY   '}`),
    span(pictures(phase), toneOf(phase)),
  ];
}

function alarmSpans(model: Model, row: AlarmView): Line {
  const tone = row.level === 'urgent' ? 'alarm' : row.level === 'warning' ? 'bad' : 'plain';
  return [
    span(row.level === 'notice' ? '  ' : '! ', tone),
    span(`${timeOf(model.face, row.atMs)} `),
    span(`${row.level === 'urgent' ? 'URGENT' : row.level} `.padEnd(9), tone),
    span(pictures(row.text)),
  ];
}

function spansOf(model: Model, row: Row): Line {
  if (row.kind === 'message') return messageSpans(model, row.row);
  return row.kind === 'case' ? caseSpans(model, row.row) : alarmSpans(model, row.row);
}

/** The marked alarm in full, at the bottom of the list. */
function wholeAlarm(model: Model, screen: ListScreen, shownCount: number): readonly Line[] {
  const rows = rowsOf(model, screen.box);
  const row = rows[markedIndex(screen, rows)];
  if (row?.kind !== 'alarm') return [];
  const gap = Array.from({ length: listRows(model, 'alarms') - shownCount }, () => line(''));
  const text = wrap(pictures(row.row.text), model.size.columns - 2).map((part) => line(`  ${part}`, 'strong'));
  return [...gap, line('─'.repeat(model.size.columns), 'quiet'), ...text.slice(0, 2)];
}

/** A list with its title, its columns and its rows; the marked row carries a `>` and is shown reversed. */
export function listView(model: Model, screen: ListScreen): readonly Line[] {
  const rows = rowsOf(model, screen.box);
  const marked = markedIndex(screen, rows);
  const width = model.size.columns;
  const count = rows.length === 0 ? '' : `  ${marked + 1} of ${rows.length}`;
  const words = screen.box === 'cases' && model.withClosed ? 'CASES – open and closed' : titles[screen.box].title;
  const shown = rows.slice(screen.top, screen.top + listRows(model, screen.box)).map((row, at): Line => {
    const spans = fitted(spansOf(model, row), width - 2);
    if (screen.top + at !== marked) return [span('  '), ...spans];
    return [span('> ', 'selected'), ...spans.map((one) => span(one.text, 'selected'))];
  });
  return [
    [span(`${words}`, 'strong'), span(count, 'quiet')],
    line(heads[screen.box], 'quiet'),
    ...(shown.length === 0 ? [line(`    ${titles[screen.box].empty}`, 'quiet')] : shown),
    ...wholeAlarm(model, screen, shown.length),
  ];
}
