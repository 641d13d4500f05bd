import { standardObject } from '../object-types.ts'

type Synonyms = Readonly<Record<string, readonly string[]>>

/** Usual names of columns by the property that they fill, where neither its name nor its label says so. */
const everywhere: Synonyms = {
  hubspot_owner_id: ['owner_id', 'owner_email'],
}

const places: Synonyms = {
  address: ['street', 'street_address', 'address1', 'address_1', 'address_line_1', 'address_line1'],
  address2: ['address_2', 'address_line_2', 'address_line2'],
  city: ['town', 'city_name'],
  state: ['region', 'province', 'state_name', 'state_region'],
  zip: ['postal_code', 'postcode', 'zip_code', 'zipcode'],
  country: ['country_name', 'country_region'],
  website: ['url', 'website_url', 'web_site', 'homepage'],
  phone: ['phone_number', 'telephone', 'phone_no', 'tel', 'work_phone'],
  annualrevenue: ['yearly_revenue'],
}

/** By HubSpot's name of the object. */
const byObject: Readonly<Record<string, Synonyms>> = {
  contacts: {
    ...places,
    email: ['email_address', 'e_mail', 'mail', 'primary_email'],
    firstname: ['given_name', 'forename', 'fname', 'first'],
    lastname: ['family_name', 'surname', 'lname', 'last'],
    mobilephone: ['mobile', 'mobile_number', 'cell', 'cell_phone', 'cellphone'],
    company: ['organization', 'organisation', 'account_name', 'employer'],
    jobtitle: ['title', 'position', 'job', 'job_role'],
    numemployees: ['employees', 'employee_count', 'headcount'],
    date_of_birth: ['birth_date', 'birthdate', 'birthday', 'dob'],
    hs_language: ['language', 'preferred_language'],
    hs_lead_status: ['lead_status'],
    lifecyclestage: ['lifecycle_stage'],
  },
  companies: {
    ...places,
    name: ['company', 'account_name', 'organization', 'organisation', 'legal_name'],
    domain: ['website_domain', 'domain_name', 'email_domain', 'web_domain'],
    numberofemployees: ['employees', 'employee_count', 'num_employees', 'headcount'],
    founded_year: ['founded', 'founding_year'],
    linkedin_company_page: ['linkedin', 'linkedin_url'],
    lifecyclestage: ['lifecycle_stage'],
  },
  deals: {
    dealname: ['name', 'opportunity_name', 'title'],
    amount: ['value', 'opportunity_amount', 'total_amount'],
    dealstage: ['stage', 'stage_id', 'stage_name'],
    pipeline: ['pipeline_id', 'pipeline_name'],
    closedate: ['closed_at', 'closed_on', 'expected_close_date', 'close_at'],
    dealtype: ['type'],
    hs_arr: ['arr'],
    hs_mrr: ['mrr'],
    hs_acv: ['acv'],
    hs_tcv: ['tcv'],
  },
  tickets: {
    subject: ['title', 'name'],
    content: ['description', 'body', 'message'],
    hs_pipeline: ['pipeline', 'pipeline_id'],
    hs_pipeline_stage: ['stage', 'status', 'stage_id'],
    hs_ticket_priority: ['priority'],
    hs_ticket_category: ['category'],
  },
  products: { name: ['title', 'product'], hs_sku: ['sku'], price: ['unit_price', 'list_price'] },
}

/** Properties by the squeezed name of a column that usually fills them. */
export function synonymsOf(object: string): ReadonlyMap<string, string> {
  const own = byObject[standardObject(object)?.name ?? object] ?? {}
  return new Map(
    Object.entries({ ...everywhere, ...own }).flatMap(([property, names]) =>
      names.map((name) => [squeezed(name), property] as const),
    ),
  )
}

/** Letters and digits alone: `First Name`, `first_name` and `firstName` are one. */
export const squeezed = (name: string): string =>
  name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
