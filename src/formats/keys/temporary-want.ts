import { defineKeys, type KeyTable } from '../key-table.ts';
import { wantedCautionEntry, wantedEntry } from './wanted.ts';

/** Message keys of the families: temporary-want, detainer. */
export const temporaryWantKeys: readonly KeyTable[] = [
  ...defineKeys(
    { line: 'ncic', family: 'temporary-want', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' },
    [
      {
        key: 'ET',
        title: 'Enter temporary felony want',
        action: 'enter',
        class: 'record',
        form: 'positional',
        fields: wantedEntry,
        fieldsProvenance: 'state',
        source: 'LEDS-MKE (key); FCIC-XML (fields, as EW)',
        note: 'Florida also carries fraudulent twins (NAM 80, DOB 8, SOC 9, MNU 15, OLN 20, OLS 2, OLY 4). Positional order not known.',
      },
      {
        key: 'ET-C',
        title: 'Enter temporary felony want, caution',
        action: 'enter',
        class: 'record',
        form: 'positional',
        fields: wantedCautionEntry,
        fieldsProvenance: 'state',
        source: 'LEDS-MKE (key); FCIC-XML (fields, as EW)',
        note: 'Florida also carries fraudulent twins (NAM 80, DOB 8, SOC 9, MNU 15, OLN 20, OLS 2, OLY 4). Positional order not known.',
      },
      {
        key: 'MT',
        title: 'Modify temporary felony want',
        action: 'modify',
        class: 'record',
        form: 'coded',
        open: true,
      },
      { key: 'XT', title: 'Cancel temporary felony want', action: 'cancel', class: 'record', form: 'coded' },
      { key: 'CT', title: 'Clear temporary felony want', action: 'clear', class: 'record', form: 'coded' },
      { key: 'LT', title: 'Locate temporary felony want', action: 'locate', class: 'record', form: 'coded' },
    ],
  ),
  ...defineKeys(
    { line: 'ncic', family: 'detainer', header: '1N01', provenance: 'state', source: 'FCIC-XML MessageKeys' },
    [
      {
        key: 'DW',
        title: 'Enter detainer (wanted person, after locate)',
        action: 'enter',
        class: 'record',
        form: 'positional',
      },
      {
        key: 'MDW',
        title: 'Modify detainer (wanted person, after locate)',
        action: 'modify',
        class: 'record',
        form: 'coded',
        open: true,
      },
      {
        key: 'XDW',
        title: 'Cancel detainer (wanted person, after locate)',
        action: 'cancel',
        class: 'record',
        form: 'coded',
      },
    ],
  ),
];
