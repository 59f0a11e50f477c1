import type { KeyTable } from '../key-table.ts';
import { administrativeKeys } from './administrative.ts';
import { aircraftKeys } from './aircraft.ts';
import { alarmKeys } from './alarm.ts';
import { articleKeys } from './article.ts';
import { boatKeys } from './boat.ts';
import { bypassKeys } from './bypass.ts';
import { canadaKeys } from './canada.ts';
import { carrierKeys } from './carrier.ts';
import { cashKeys } from './cash.ts';
import { correctionsKeys } from './corrections.ts';
import { criminalHistoryKeys } from './criminal-history.ts';
import { driverKeys } from './driver.ts';
import { gangKeys } from './gang.ts';
import { gunKeys } from './gun.ts';
import { hazmatKeys } from './hazmat.ts';
import { hitConfirmationKeys } from './hit-confirmation.ts';
import { identityTheftKeys } from './identity-theft.ts';
import { imageKeys } from './image.ts';
import { immigrationKeys } from './immigration.ts';
import { insuranceKeys } from './insurance.ts';
import { interpolKeys } from './interpol.ts';
import { licensePlateKeys } from './license-plate.ts';
import { logSearchKeys } from './log-search.ts';
import { missingKeys } from './missing.ts';
import { nicsKeys } from './nics.ts';
import { nletsBoatKeys } from './nlets-boat.ts';
import { nletsSexOffenderKeys } from './nlets-sex-offender.ts';
import { oriFileKeys } from './ori-file.ts';
import { orionKeys } from './orion.ts';
import { partKeys } from './part.ts';
import { permitKeys } from './permit.ts';
import { protectionOrderKeys } from './protection-order.ts';
import { registrationKeys } from './registration.ts';
import { securityKeys } from './security.ts';
import { sexOffenderKeys } from './sex-offender.ts';
import { stateLocalKeys } from './state-local.ts';
import { stateWarrantKeys } from './state-warrant.ts';
import { statusKeys } from './status.ts';
import { supervisedReleaseKeys } from './supervised-release.ts';
import { temporaryWantKeys } from './temporary-want.ts';
import { unidentifiedKeys } from './unidentified.ts';
import { vehicleKeys } from './vehicle.ts';
import { wantedKeys } from './wanted.ts';
import { weatherKeys } from './weather.ts';
import { wholeFileKeys } from './whole-file.ts';

/** Every federal and Nlets key; State keys come from a State profile. */
export const allKeys: readonly KeyTable[] = [
  ...wantedKeys,
  ...temporaryWantKeys,
  ...missingKeys,
  ...unidentifiedKeys,
  ...protectionOrderKeys,
  ...supervisedReleaseKeys,
  ...sexOffenderKeys,
  ...gangKeys,
  ...identityTheftKeys,
  ...vehicleKeys,
  ...licensePlateKeys,
  ...partKeys,
  ...boatKeys,
  ...gunKeys,
  ...articleKeys,
  ...securityKeys,
  ...imageKeys,
  ...oriFileKeys,
  ...wholeFileKeys,
  ...criminalHistoryKeys,
  ...nicsKeys,
  ...hitConfirmationKeys,
  ...registrationKeys,
  ...driverKeys,
  ...nletsBoatKeys,
  ...permitKeys,
  ...stateWarrantKeys,
  ...weatherKeys,
  ...carrierKeys,
  ...logSearchKeys,
  ...orionKeys,
  ...administrativeKeys,
  ...statusKeys,
  ...nletsSexOffenderKeys,
  ...alarmKeys,
  ...cashKeys,
  ...correctionsKeys,
  ...aircraftKeys,
  ...immigrationKeys,
  ...hazmatKeys,
  ...insuranceKeys,
  ...canadaKeys,
  ...interpolKeys,
  ...bypassKeys,
  ...stateLocalKeys,
];
