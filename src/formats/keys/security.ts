import { defineKeys, type FieldUse, type KeyTable, may, must } from '../key-table.ts';

/** ES. */
const esFields: readonly FieldUse[] = [
  may('TYP', 2),
  may('SER', 18),
  may('DEN'),
  may('ISS', 30),
  may('OWN', 30),
  may('SDT', 8),
  may('SOC', 9),
  may('DOT', 8),
  may('OCA', 20),
  may('MIS', 200),
];

/** QS QSB ZS. */
const qsFields: readonly FieldUse[] = [must('TYP', 2), must('SER', 18), must('DEN')];

/** Message keys of the families: security, security-group. */
export const securityKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'ncic', family: 'security', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' }, [
    {
      key: 'ES',
      title: 'Enter security',
      action: 'enter',
      class: 'record',
      form: 'positional',
      fields: esFields,
      fieldsProvenance: 'state',
      source: 'LEDS-MKE (key); WI-GLOSS (record fields, verified); FCIC-XML (lengths)',
      note: 'Record fields; which are mandatory is not known.',
    },
    { key: 'MS', title: 'Modify security', action: 'modify', class: 'record', form: 'coded', open: true },
    {
      key: 'XS',
      title: 'Cancel security',
      action: 'cancel',
      class: 'record',
      form: 'coded',
      note: 'Cancel security; not the sex-offender file code XS.',
    },
    { key: 'CS', title: 'Clear security', action: 'clear', class: 'record', form: 'coded' },
    { key: 'LS', title: 'Locate security', action: 'locate', class: 'record', form: 'coded' },
    {
      key: 'QS',
      title: 'Query securities file',
      action: 'query',
      class: 'inquiry',
      form: 'coded',
      fields: qsFields,
      fieldsProvenance: 'recalled',
      source: 'LEDS-MKE (key); fields recalled',
    },
    {
      key: 'QSB',
      title: 'Query securities file, batch (NCIC only)',
      action: 'batch-query',
      class: 'inquiry',
      form: 'coded',
      fields: qsFields,
      fieldsProvenance: 'recalled',
      source: 'LEDS-MKE (key); fields as QS (assumed)',
    },
    {
      key: 'ZS',
      title: 'Administrative query, securities file',
      action: 'admin-query',
      class: 'inquiry',
      form: 'coded',
      fields: qsFields,
      fieldsProvenance: 'recalled',
      source: 'LEDS-MKE (key, "as the Q twin"); fields as QS',
      note: 'No delayed-hit registration (recalled).',
    },
  ]),
  ...defineKeys(
    { line: 'ncic', family: 'security-group', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' },
    [
      {
        key: 'ESS',
        title: 'Enter securities, consecutively serialized group',
        action: 'enter',
        class: 'record',
        form: 'positional',
      },
      {
        key: 'MSS',
        title: 'Modify securities, consecutively serialized group',
        action: 'modify',
        class: 'record',
        form: 'coded',
        open: true,
      },
      {
        key: 'XSS',
        title: 'Cancel securities, consecutively serialized group',
        action: 'cancel',
        class: 'record',
        form: 'coded',
      },
      {
        key: 'CSS',
        title: 'Clear securities, consecutively serialized group',
        action: 'clear',
        class: 'record',
        form: 'coded',
      },
      {
        key: 'LSS',
        title: 'Locate securities, consecutively serialized group',
        action: 'locate',
        class: 'record',
        form: 'coded',
      },
    ],
  ),
];
