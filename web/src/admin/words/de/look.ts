import type { enLook } from '../en/look.ts';

/** Texts about the site's own appearance, in German. */
export const deLook: typeof enLook = {
  sitelook: 'Erscheinungsbild',
  sitelookText:
    'Was man von deiner Website sieht: Name, Logo, Farbe und Texte. Alle Server zeigen eine ' +
    'Änderung nach ein bis zwei Sekunden. Was leer bleibt, ist wie bei Chit üblich.',
  siteName: 'Name der Website',
  siteLogo: 'Logo (PNG, JPEG oder WebP, bis 256 KB)',
  siteLogoSquare: 'Ein etwa quadratisches Logo wird auch das Symbol des Tabs.',
  removeLogo: 'Logo entfernen',
  accentColor: 'Akzentfarbe',
  accentHex: 'etwa #a04a20',
  accentDefault: 'Farbe von Chit nehmen',
  adjustedLight: 'In der hellen Darstellung ist sie dunkler, damit Text lesbar ist.',
  adjustedDark: 'In der dunklen Darstellung ist sie heller, damit Text lesbar ist.',
  inEnglish: 'auf Englisch',
  inGerman: 'auf Deutsch',
  otherLanguage: 'Fehlt eine Sprache, gilt die andere für beide.',
  welcomeText: 'Begrüßung',
  startersText: 'Vorschläge für den Anfang',
  startersHint: 'Für einen leeren Chat; einer pro Zeile, höchstens sechs.',
  termsUrl: 'Nutzungsbedingungen (https-Adresse)',
  privacyUrl: 'Datenschutz (https-Adresse)',
  linksHint: 'Stehen dort, wo man sich anmeldet und registriert, und auf der Kontoseite.',
  contactText: 'Wen man um ein Konto oder Token bittet',
  contactSetting: (contact) => `Bleibt das Feld leer, gilt CHIT_CONTACT: ${contact}`,
  preview: 'Vorschau',
  previewLight: 'Helle Darstellung',
  previewDark: 'Dunkle Darstellung',
  saveLook: 'Speichern',
  lookSaved: 'Gespeichert. Alle Server zeigen es nach ein bis zwei Sekunden.',
};
