/** How sensitive the values are; the property list leaves the other two out unless asked. */
export type DataSensitivity = 'non_sensitive' | 'sensitive' | 'highly_sensitive'

/** One allowed value of an enumeration. */
export interface PropertyOption {
  readonly label: string
  readonly value: string
  readonly hidden: boolean
  readonly displayOrder?: number
  readonly description?: string
}

/** A property definition, in the shape HubSpot answers with. */
export interface Property {
  readonly name: string
  readonly label: string
  readonly type: string
  readonly fieldType: string
  readonly groupName: string
  readonly description: string
  readonly options: readonly PropertyOption[]
  readonly displayOrder: number
  readonly hasUniqueValue: boolean
  readonly hidden: boolean
  readonly formField: boolean
  readonly calculated: boolean
  readonly externalOptions: boolean
  readonly hubspotDefined?: boolean
  readonly dataSensitivity?: DataSensitivity
  readonly archived: boolean
  readonly archivedAt?: string
  readonly createdAt?: string
  readonly updatedAt?: string
  readonly modificationMetadata: {
    readonly archivable: boolean
    readonly readOnlyDefinition: boolean
    readonly readOnlyOptions?: boolean
    readonly readOnlyValue: boolean
  }
}

/** A property group of an object type. */
export interface PropertyGroup {
  readonly name: string
  readonly label: string
  readonly displayOrder: number
  readonly archived: boolean
}

/** A rule that the portal's users set for the values of a property, in the shape HubSpot answers with. */
export interface ValidationRule {
  readonly ruleType: string
  readonly ruleArguments: readonly string[]
  readonly shouldApplyNormalization: boolean
}

/** Finds the values allowed by an `externalOptions` property (owners, pipelines, stages). */
export type ExternalOptions = (property: Property) => ReadonlySet<string> | undefined
