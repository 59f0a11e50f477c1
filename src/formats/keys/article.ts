import { defineKeys, type FieldUse, type KeyTable, may, must, oneOf } from '../key-table.ts';

/** EA EA-P. */
const eaFields: readonly FieldUse[] = [
  must('TYP', 7),
  oneOf('number', 'SER', 20),
  oneOf('number', 'OAN', 20),
  may('BRA', 10, { note: 'mandatory status uncertain; 6 or 10', provenance: 'recalled' }),
  may('MOD', 11, { provenance: 'recalled' }),
  must('DOT', 8),
  must('OCA', 20),
  may('MIS', 200, { provenance: 'recalled' }),
];

/** QA QAB ZA. */
const qaFields: readonly FieldUse[] = [
  oneOf('identifier', 'SER', 20),
  oneOf('identifier', 'OAN', 20),
  may('TYP', 7, { with: 'SER', note: 'also with OAN' }),
  oneOf('identifier', 'NIC', 10),
];

/** Message keys of the families: article, article-group, lost-article, lost-article-group. */
export const articleKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'ncic', family: 'article', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' }, [
    {
      key: 'EA',
      title: 'Enter stolen article',
      action: 'enter',
      class: 'record',
      form: 'positional',
      fields: eaFields,
      fieldsProvenance: 'recalled',
      source:
        'LEDS-MKE (key); WI-GLOSS (record fields, verified); FCIC-REF QA set (lengths); mandatory set inferred or recalled',
      note: 'Positional order not known. The notes list BRA beside the mandatory fields without certainty; do not block on it.',
    },
    {
      key: 'EA-P',
      title: 'Enter stolen article, hold for latents',
      action: 'enter',
      class: 'record',
      form: 'positional',
      fields: eaFields,
      fieldsProvenance: 'recalled',
      source:
        'LEDS-MKE (key); WI-GLOSS (record fields, verified); FCIC-REF QA set (lengths); mandatory set inferred or recalled',
      note: 'Positional order not known. The notes list BRA beside the mandatory fields without certainty; do not block on it.',
    },
    { key: 'MA', title: 'Modify stolen article', action: 'modify', class: 'record', form: 'coded', open: true },
    { key: 'XA', title: 'Cancel stolen article', action: 'cancel', class: 'record', form: 'coded' },
    { key: 'CA', title: 'Clear stolen article', action: 'clear', class: 'record', form: 'coded' },
    { key: 'LA', title: 'Locate stolen article', action: 'locate', class: 'record', form: 'coded' },
    {
      key: 'QA',
      title: 'Query article file',
      action: 'query',
      class: 'inquiry',
      form: 'coded',
      fields: qaFields,
      fieldsProvenance: 'state',
      source: 'LEDS-MKE (key); FCIC-REF (fields)',
    },
    {
      key: 'QAB',
      title: 'Query article file, batch (NCIC only)',
      action: 'batch-query',
      class: 'inquiry',
      form: 'coded',
      fields: qaFields,
      fieldsProvenance: 'recalled',
      source: 'LEDS-MKE (key); fields as QA (assumed)',
    },
    {
      key: 'ZA',
      title: 'Administrative query, article file',
      action: 'admin-query',
      class: 'inquiry',
      form: 'coded',
      fields: qaFields,
      fieldsProvenance: 'state',
      source: 'LEDS-MKE (key, "as the Q twin"); fields as QA',
      note: 'No delayed-hit registration (recalled).',
    },
  ]),
  ...defineKeys({ line: 'ncic', family: 'article-group', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' }, [
    {
      key: 'EAA',
      title: 'Enter stolen articles, consecutively serialized group',
      action: 'enter',
      class: 'record',
      form: 'positional',
    },
    {
      key: 'MAA',
      title: 'Modify stolen articles, consecutively serialized group',
      action: 'modify',
      class: 'record',
      form: 'coded',
      open: true,
    },
    {
      key: 'XAA',
      title: 'Cancel stolen articles, consecutively serialized group',
      action: 'cancel',
      class: 'record',
      form: 'coded',
    },
    {
      key: 'CAA',
      title: 'Clear stolen articles, consecutively serialized group',
      action: 'clear',
      class: 'record',
      form: 'coded',
    },
    {
      key: 'LAA',
      title: 'Locate stolen articles, consecutively serialized group',
      action: 'locate',
      class: 'record',
      form: 'coded',
    },
  ]),
  ...defineKeys({ line: 'ncic', family: 'lost-article', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' }, [
    { key: 'ELA', title: 'Enter lost article', action: 'enter', class: 'record', form: 'positional' },
    { key: 'MLA', title: 'Modify lost article', action: 'modify', class: 'record', form: 'coded', open: true },
    { key: 'XLA', title: 'Cancel lost article', action: 'cancel', class: 'record', form: 'coded' },
    { key: 'CLA', title: 'Clear lost article', action: 'clear', class: 'record', form: 'coded' },
    { key: 'LLA', title: 'Locate lost article', action: 'locate', class: 'record', form: 'coded' },
  ]),
  ...defineKeys(
    { line: 'ncic', family: 'lost-article-group', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' },
    [
      {
        key: 'ELAA',
        title: 'Enter lost articles, consecutively serialized group',
        action: 'enter',
        class: 'record',
        form: 'positional',
      },
      {
        key: 'MLAA',
        title: 'Modify lost articles, consecutively serialized group',
        action: 'modify',
        class: 'record',
        form: 'coded',
        open: true,
      },
      {
        key: 'XLAA',
        title: 'Cancel lost articles, consecutively serialized group',
        action: 'cancel',
        class: 'record',
        form: 'coded',
      },
      {
        key: 'CLAA',
        title: 'Clear lost articles, consecutively serialized group',
        action: 'clear',
        class: 'record',
        form: 'coded',
      },
    ],
  ),
];
