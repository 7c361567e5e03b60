from . import lead, mail, web_client
