import type { enGroups, LimitPeriod } from '../en/groups.ts';
import { counted, number } from './plurals.ts';

function tokensText(tokens: number): string {
  return counted(tokens, 'Token', 'Token');
}

function membersText(count: number): string {
  return counted(count, 'Mitglied', 'Mitglieder');
}

function groupLimitText(tokens: number, period: LimitPeriod, hours: number): string {
  const amount = tokensText(tokens);
  switch (period) {
    case 'hours':
      return `${amount} in ${counted(hours, 'Stunde', 'Stunden')} ab der ersten Nutzung`;
    case 'day':
      return `${amount} pro Tag`;
    case 'week':
      return `${amount} pro Woche`;
    case 'month':
      return `${amount} pro Monat`;
    case 'term':
      return `${amount} pro Zeitraum`;
    default:
      return `${amount} insgesamt`;
  }
}

/** Texts about groups, their members and pools, in German. */
export const deGroups: typeof enGroups = {
  groups: 'Gruppen',
  searchGroups: 'Gruppenname enthält',
  groupState: 'Welche Gruppen',
  groupsActive: 'Aktive Gruppen',
  groupsEnded: 'Beendete Gruppen',
  noGroups: 'Hier gibt es noch keine Gruppen.',
  groupsText:
    'Die Gruppen, die du leitest: wer dazugehört, was verbraucht wird und was verbraucht werden ' +
    'darf.',
  groupsUsed: 'In 30 Tagen verbraucht',
  groupsUsageCsv: 'Nutzung als CSV',
  newGroup: 'Neue Gruppe',
  groupName: 'Gruppenname',
  groupWithPool: 'Mit einem Gruppenkonto, das für die Mitglieder zahlt',
  groupCreate: 'Gruppe erstellen',
  groupNotFound: 'Gruppe nicht gefunden',
  groupNotFoundText: 'Diese Gruppe gibt es nicht, oder du leitest sie nicht.',
  groupMembers: 'Mitglieder',
  groupMemberCount: membersText,
  groupPool: 'Gruppenkonto',
  groupNoPool: 'kein Gruppenkonto',
  groupCreated: 'Erstellt',
  groupEndedAt: 'Beendet am',
  groupEndedChip: 'Beendet',
  groupManager: 'Gruppenleitung',
  groupModels: 'Modelle, für die das Gruppenkonto zahlt',
  groupAllModels: 'alle Modelle',
  groupOnlyModels: 'Nur diese Modelle (Namen, durch Kommas getrennt; alle, wenn leer)',
  groupSave: 'Speichern',
  groupSaved: 'Gespeichert.',
  groupEdit: 'Name und Modelle',
  groupEnd: 'Gruppe beenden',
  groupEndTitle: (name) => `Die Gruppe ${name} beenden?`,
  groupEndConsequences: (members, tokens) => [
    `Das Gruppenkonto zahlt ab sofort nicht mehr für ${membersText(members)}; laufende Antworten ` +
      'werden noch fertig und berechnet.',
    tokens === 0
      ? 'Das Gruppenkonto ist leer.'
      : `Was darauf ist (${tokensText(tokens)}), bleibt dort, bis du es verschiebst. Ein ` +
        'Kontingent wird nicht erneuert.',
    'Das lässt sich nicht rückgängig machen.',
  ],
  groupEnded: (name) => `Die Gruppe ${name} ist beendet.`,

  poolAdd: 'Token zum Gruppenkonto hinzufügen oder abziehen',
  poolAmount: 'Token (Minus zieht ab)',
  poolApply: 'Auf dem Gruppenkonto buchen',
  poolApplied: (tokens) => `Fertig. Auf dem Gruppenkonto sind ${tokensText(tokens)}.`,
  poolHeld: 'Auf dem Gruppenkonto reserviert',
  poolExpiring: 'Verfällt mit dem Kontingent',
  poolPlan: 'Tarif des Gruppenkontos',
  poolNoPlan: 'Das Gruppenkonto hat keinen Tarif: Was darauf ist, bleibt, bis es verbraucht ist.',
  poolRenews: (plan, when) => `${plan}, erneuert sich am ${when}`,
  poolGivePlan: 'Dem Gruppenkonto einen Tarif zuweisen',

  groupSearchMembers: 'Benutzername enthält',
  groupNoMembers: 'In dieser Gruppe ist noch niemand.',
  groupThisMonth: 'Diesen Monat verbraucht',
  groupAddMembers: 'Mitglieder hinzufügen',
  groupAddText: 'Benutzernamen, einer pro Zeile',
  groupAddAsManagers:
    'Als Gruppenleitung: Sie sehen die Nutzung der Gruppe und verteilen ihr Gruppenkonto',
  groupAdded: (count) =>
    count === 0 ? 'Sie waren alle schon in der Gruppe.' : `${membersText(count)} hinzugefügt.`,
  groupRemove: 'Aus der Gruppe entfernen',
  groupRemoveTitle: (count) => `${membersText(count)} aus der Gruppe entfernen?`,
  groupRemoveText:
    'Das Gruppenkonto zahlt dann für keine ihrer Nachrichten mehr. Ihre Konten bleiben.',
  groupRemoved: (count) => `${membersText(count)} entfernt.`,
  groupMakeManager: 'Zur Gruppenleitung machen',
  groupEndManager: 'Gruppenleitung entziehen',
  groupToGive: (tokens, ending) =>
    ending === 0
      ? `Zu verteilen: ${tokensText(tokens)}.`
      : `Zu verteilen: ${tokensText(tokens)}. Nur vom Gruppenkonto nutzbar, weil vom ` +
        `Kontingent: ${tokensText(ending)}.`,
  groupGiveEach: 'Token pro Mitglied',
  groupGiveReason: 'Grund, steht in ihren Kontoauszügen',
  groupGive: (count) => `An ${membersText(count)} verteilen`,
  groupGiven: (tokens, count) => `${tokensText(tokens)} an ${membersText(count)} verteilt.`,

  groupLimits: 'Limits für jedes Mitglied',
  groupNoLimits: 'Keine Limits: Jedes Mitglied darf das ganze Gruppenkonto verbrauchen.',
  groupLimitText,
  groupLimitRenews: (when) => `erneuert sich ${when}`,
  groupLimitUsed: (used, limit) => `${number(used)} von ${number(limit)}`,
  groupLimitAdd: 'Limit hinzufügen',
  groupLimitTokens: 'Token pro Mitglied',
  groupLimitPeriod: 'Zeitraum',
  groupLimitPeriods: {
    none: 'insgesamt',
    hours: 'einige Stunden ab der ersten Nutzung',
    day: 'pro Tag',
    week: 'pro Woche, ab Montag',
    month: 'pro Monat, ab dem 1.',
  },
  groupLimitHours: 'Stunden',
  groupLimitChange: 'Limit ändern',
  groupLimitOwn: (name) => `Limit nur für ${name}, in Token (leer: wie für alle)`,
  groupLimitChangeOf: (name) => `Limit von ${name} ändern`,
  groupLimitIsOwn: 'individuell',
  groupLimitEnd: 'Limit aufheben',
  groupLimitEndTitle: 'Dieses Limit aufheben?',
  groupLimitEndText:
    'Die Mitglieder sind dann nur noch durch das Gruppenkonto und durch andere Limits begrenzt.',

  groupUsage: 'Nutzung des Gruppenkontos in den letzten 30 Tagen',
  groupNobodyUsed: 'In diesem Zeitraum hat niemand das Gruppenkonto benutzt.',
  groupUsageRefunded: 'Erstattet',
  groupStatement: 'Kontoauszug des Gruppenkontos',
  groupUsedBy: (name) => `verbraucht von ${name}`,
  groupsOfUser: 'Gruppen',
};
