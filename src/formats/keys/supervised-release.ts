import { defineKeys, type KeyTable } from '../key-table.ts';

/** Message keys of the families: supervised-release. */
export const supervisedReleaseKeys: readonly KeyTable[] = [
  ...defineKeys(
    { line: 'ncic', family: 'supervised-release', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' },
    [
      { key: 'EC', title: 'Enter supervised release', action: 'enter', class: 'record', form: 'positional' },
      { key: 'EC-C', title: 'Enter supervised release, caution', action: 'enter', class: 'record', form: 'positional' },
      { key: 'MC', title: 'Modify supervised release', action: 'modify', class: 'record', form: 'coded', open: true },
      { key: 'XC', title: 'Cancel supervised release', action: 'cancel', class: 'record', form: 'coded' },
      { key: 'CC', title: 'Clear supervised release', action: 'clear', class: 'record', form: 'coded' },
      {
        key: 'ECN',
        title: 'Enter supplemental data, supervised release',
        action: 'supplement',
        class: 'record',
        form: 'positional',
        open: true,
      },
      {
        key: 'ECNS',
        title: 'Enter supplemental stolen or fraudulent identifiers, supervised release',
        action: 'supplement',
        class: 'record',
        form: 'positional',
        open: true,
      },
      {
        key: 'XCN',
        title: 'Cancel supplemental data, supervised release',
        action: 'cancel-supplement',
        class: 'record',
        form: 'coded',
        open: true,
      },
      {
        key: 'XCNS',
        title: 'Cancel supplemental stolen or fraudulent identifiers, supervised release',
        action: 'cancel-supplement',
        class: 'record',
        form: 'coded',
        open: true,
      },
    ],
  ),
];
