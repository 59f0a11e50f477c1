import { defineKeys, type KeyTable, oneOf } from '../key-table.ts';

/** Message keys of the families: protection-order, temporary-protection-order, extreme-risk-order. */
export const protectionOrderKeys: readonly KeyTable[] = [
  ...defineKeys(
    { line: 'ncic', family: 'protection-order', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' },
    [
      { key: 'EPO', title: 'Enter protection order', action: 'enter', class: 'record', form: 'positional' },
      { key: 'EPOC', title: 'Enter protection order, caution', action: 'enter', class: 'record', form: 'positional' },
      { key: 'MPO', title: 'Modify protection order', action: 'modify', class: 'record', form: 'coded', open: true },
      { key: 'XPO', title: 'Cancel protection order', action: 'cancel', class: 'record', form: 'coded' },
      { key: 'CPO', title: 'Clear protection order', action: 'clear', class: 'record', form: 'coded' },
      { key: 'IPO', title: 'Expire (inactive) protection order', action: 'expire', class: 'record', form: 'coded' },
      {
        key: 'ENPO',
        title: 'Enter supplemental data, protection order',
        action: 'supplement',
        class: 'record',
        form: 'positional',
        open: true,
      },
      {
        key: 'XNPO',
        title: 'Cancel supplemental data, protection order',
        action: 'cancel-supplement',
        class: 'record',
        form: 'coded',
        open: true,
      },
      {
        key: 'QPO',
        title: 'Query protection order (NCIC only)',
        action: 'query',
        class: 'inquiry',
        form: 'coded',
        fields: [
          oneOf('subject', 'NAM', 80),
          oneOf('identifier', 'DOB', 8),
          oneOf('identifier', 'SOC', 9),
          oneOf('subject', 'PNO', undefined, { note: 'alone' }),
        ],
        fieldsProvenance: 'recalled',
        source: 'LEDS-MKE (key); fields recalled',
        note: 'NAM + DOB, SOC or another identifier; or PNO alone.',
      },
    ],
  ),
  ...defineKeys(
    { line: 'ncic', family: 'temporary-protection-order', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' },
    [
      { key: 'ETO', title: 'Enter temporary protection order', action: 'enter', class: 'record', form: 'positional' },
      {
        key: 'ETOC',
        title: 'Enter temporary protection order, caution',
        action: 'enter',
        class: 'record',
        form: 'positional',
      },
      {
        key: 'MTO',
        title: 'Modify temporary protection order',
        action: 'modify',
        class: 'record',
        form: 'coded',
        open: true,
      },
      { key: 'XTO', title: 'Cancel temporary protection order', action: 'cancel', class: 'record', form: 'coded' },
      { key: 'CTO', title: 'Clear temporary protection order', action: 'clear', class: 'record', form: 'coded' },
      {
        key: 'ITO',
        title: 'Expire (inactive) temporary protection order',
        action: 'expire',
        class: 'record',
        form: 'coded',
      },
    ],
  ),
  ...defineKeys(
    { line: 'ncic', family: 'extreme-risk-order', header: '1N01', provenance: 'state', source: 'FCIC-XML' },
    [
      {
        key: 'ENRO',
        title: 'Enter supplemental data, extreme-risk protection order',
        action: 'supplement',
        class: 'record',
        form: 'positional',
        open: true,
      },
      {
        key: 'XNRO',
        title: 'Cancel supplemental data, extreme-risk protection order',
        action: 'cancel-supplement',
        class: 'record',
        form: 'coded',
        open: true,
      },
    ],
  ),
];
