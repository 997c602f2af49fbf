/**
 * Settings for a machine that is slow and busy, where any step may take some seconds: with those of
 * an installation, a query would be given up although the database answers. Tests of these limits
 * set their own.
 */
export const PATIENT_SETTINGS = {
  CHIT_QUERY_TIMEOUT_SECONDS: '30',
  CHIT_LOCK_TIMEOUT_SECONDS: '15',
};
