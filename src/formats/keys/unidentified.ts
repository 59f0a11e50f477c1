import { defineKeys, type FieldUse, type KeyTable, may, must } from '../key-table.ts';

/** EUD. */
const eudFields: readonly FieldUse[] = [
  must('SEX', 1),
  must('RAC', 1),
  must('HGT', 3),
  must('WGT', 3),
  must('EYE', 3),
  must('HAI', 3),
  must('OCA', 20),
  must('BXR'),
  must('DBF', 8),
  may('EYB', 9),
  may('BPS', 15),
  may('DED'),
  may('DNA', 1),
  may('DLO', 250),
  may('BLT'),
  may('CRC'),
  may('FPA'),
  may('VRX', 40),
  may('CDA', 50),
  may('JWT', 50),
  may('JWL', 100),
  may('MAN', 50),
  may('MAL', 30),
  may('MAT', 12),
];

/** QU. */
const quFields: readonly FieldUse[] = [
  must('SEX', 1),
  must('RAC', 1),
  must('AGE', 3),
  must('HGT', 3),
  must('WGT', 3),
  must('EYE', 3),
  must('HAI', 3),
];

/** Message keys of the families: unidentified, dental. */
export const unidentifiedKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'ncic', family: 'unidentified', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' }, [
    {
      key: 'EUD',
      title: 'Enter unidentified person',
      action: 'enter',
      class: 'record',
      form: 'positional',
      fields: eudFields,
      fieldsProvenance: 'state',
      source: 'LEDS-MKE (key); FCIC-XML (fields)',
      note: 'Category recalled: D deceased.',
    },
    {
      key: 'EUL',
      title: 'Enter unidentified person',
      action: 'enter',
      class: 'record',
      form: 'positional',
      note: 'Category recalled: L living.',
    },
    {
      key: 'EUV',
      title: 'Enter unidentified person',
      action: 'enter',
      class: 'record',
      form: 'positional',
      note: 'Category recalled: V catastrophe victim.',
    },
    { key: 'MU', title: 'Modify unidentified person', action: 'modify', class: 'record', form: 'coded', open: true },
    { key: 'XU', title: 'Cancel unidentified person', action: 'cancel', class: 'record', form: 'coded' },
    { key: 'CU', title: 'Clear unidentified person', action: 'clear', class: 'record', form: 'coded' },
    {
      key: 'EUN',
      title: 'Enter supplemental data, unidentified person',
      action: 'supplement',
      class: 'record',
      form: 'positional',
      open: true,
    },
    {
      key: 'XUN',
      title: 'Cancel supplemental data, unidentified person',
      action: 'cancel-supplement',
      class: 'record',
      form: 'coded',
      open: true,
    },
    {
      key: 'QU',
      title: 'Query unidentified person',
      action: 'query',
      class: 'inquiry',
      form: 'coded',
      fields: quFields,
      fieldsProvenance: 'recalled',
      source: 'LEDS-MKE (key); fields recalled',
    },
  ]),
  ...defineKeys({ line: 'ncic', family: 'dental', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' }, [
    { key: 'ED', title: 'Enter dental data', action: 'enter', class: 'record', form: 'positional' },
    { key: 'MD', title: 'Modify dental data', action: 'modify', class: 'record', form: 'coded', open: true },
    { key: 'XD', title: 'Cancel dental data', action: 'cancel', class: 'record', form: 'coded' },
  ]),
];
