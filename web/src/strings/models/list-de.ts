import type { ModelListStrings } from './list-en.ts';

/** Was die Auswahl der Modelle sagt. */
export const modelListDe: ModelListStrings = {
  searchModels: 'Modelle suchen',
  noModels: 'Kein Modell hat das im Namen oder in der Beschreibung.',
  context: (size) => `${size} Token Kontext`,
  readsPictures: 'liest Bilder',
  readsPdf: 'liest PDF',
  thinks: 'denkt nach',
  usesTools: 'nutzt Werkzeuge',
  isFailing: 'antwortet gerade nicht',
  usually: {
    you: 'wie in deinen Chats',
    site: 'wie in den meisten Chats hier',
    estimate: 'geschätzt',
  },
  effort: 'Nachdenken',
  effortDefault: 'Standard',
  effortCost: 'Mehr Nachdenken dauert länger und kostet mehr.',
  temperature: 'Temperatur',
  temperatureDefault: 'Standard',
  temperatureText: 'Niedrig ist genau, hoch ist einfallsreich.',
  settings: 'Einstellungen für diesen Chat',
  compareWith: 'Vergleichen mit',
  compareNone: 'Kein zweites Modell',
  compareText: 'Die nächste Nachricht geht an beide Modelle und kostet zwei Nachrichten.',
};
