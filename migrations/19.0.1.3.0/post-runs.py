"""The company whose defaults count in a run has a field of its own: it stood among the
options, under the name of another one."""


def migrate(cr, _version):
    cr.execute(
        """
        UPDATE crm_lead_run run
           SET company_id = company.id, options = run.options - 'company_id'
          FROM res_company company
         WHERE company.id = (run.options ->> 'company_id')::int
        """
    )
