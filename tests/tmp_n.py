import pytest
pytestmark=pytest.mark.django_db
from tests.scrm.test_admin_roles import *
def test_names(brand):
    print(sorted(names()-covered()))
