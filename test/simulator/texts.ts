/** Synthetic messages as a client sends them. */

/** An entry of a wanted person, field-coded. */
export function wantedEntry(over: Readonly<Record<string, string>> = {}, ori = 'CO0990100'): string {
  const fields = {
    NAM: 'SAMPLE, ALEX',
    SEX: 'M',
    RAC: 'W',
    DOB: '19810909',
    HGT: '511',
    WGT: '175',
    HAI: 'BRO',
    OFF: '2299',
    OCA: 'PR26000201',
    EXL: '1',
    DOW: '20260601',
    ...over,
  };
  const coded = Object.entries(fields).map(([code, value]) => `${code}/${value}`);
  return `1N01COJ100000000001.EW.${ori}.${coded.join('.')}`;
}

/** A hit-confirmation request with the given fields changed; an empty value leaves the field out. */
export function yq(over: Readonly<Record<string, string>> = {}, head: { to?: string; control?: string } = {}): string {
  const fields = {
    RTY: 'WP',
    RNO: '1',
    PRI: 'U',
    OCA: 'SC26000002',
    NIC: 'W990000002',
    NAM: 'RECORD,ROBIN',
    DOB: '19800202',
    SEX: 'M',
    RNA: 'OPERATOR SAMPLE',
    RAG: 'PINE RIDGE PD',
    PHO: '5550100110',
    REM: 'SUBJECT IN CUSTODY. ADVISE EXTRADITION',
    ...over,
  };
  // Remarks run to the end of the body, so they stand last.
  const ordered = Object.entries(fields).toSorted(([a], [b]) => Number(a === 'REM') - Number(b === 'REM'));
  const coded = ordered.flatMap(([code, value]) => (value === '' ? [] : [`${code}/${value}`]));
  const control = head.control ?? 'COJ1000001';
  return `YQ.CO0990100.${head.to ?? 'WY0990200'}.${control === '' ? '' : `*${control}.`}TXT\r\n\x7f${coded.join('.')}`;
}
