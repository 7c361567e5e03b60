"""A setting that is a number: what it may be, and what counts where it is something
else."""

import logging
import math
from typing import NamedTuple

from odoo.exceptions import ValidationError

_logger = logging.getLogger(__name__)


class NumberSetting(NamedTuple):
    """A number among the settings of the database.

    :param key: its system parameter
    :param default: what counts where nobody has said anything, or what is no number
    :param least: the lowest it may be
    :param most: the highest it may be
    """

    key: str
    default: float
    least: float
    most: float

    def get(self, env):
        """Return the number that counts. Whoever writes system parameters by hand may
        write anything there, which is to stop no scheduled action: what is beyond the
        limits is the limit."""
        # sudo: a setting of the database, the same for everybody
        text = env["ir.config_parameter"].sudo().get_param(self.key)
        if not text:
            return self.default
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if math.isnan(number):
            _logger.warning(
                "The system parameter %s is no number (%s): %s counts",
                self.key,
                text,
                self.default,
            )
            return self.default
        return min(max(number, self.least), self.most)

    def check(self, env, label, number):
        """Refuse what it may not be, before the database does.

        :param str label: what people call it
        :param number: what somebody has entered
        :raise ValidationError: saying what to enter
        """
        if number and not self.least <= number <= self.most:
            raise ValidationError(
                env._(
                    "‘%(setting)s’ cannot be %(number)s. Enter a number from %(least)s "
                    "to %(most)s.",
                    setting=label,
                    number=number,
                    least=self.least,
                    most=self.most,
                )
            )
